/** Lists that operators upload under `deletions/`: whatever is in them, nobody is deleted but who is named. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { clientIdIn, listedClients, listOf } from "../../calls/client-list.ts";
import { openForAll } from "../opened.ts";
import { startWorld, type World } from "../world.ts";
import { trying } from "./fuzzing.ts";
import { oddJson, oddText } from "./odd-json.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const UNKNOWN = "00000000-0000-4000-8000-000000000000";
const ends = fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\u2028");
const lines = fc.oneof(
  oddJson,
  oddText,
  oddJson.map((json) => `{"clientId":${json}}`),
  fc.constantFrom("clientId", UNKNOWN, `"${UNKNOWN}"`, `{"clientId":"${UNKNOWN}"}`, "\uFEFF", `${UNKNOWN},`),
);
const lists = fc.array(fc.tuple(lines, ends), { maxLength: 8 }).map((some) => some.flat().join(""));

test("each line becomes a client's id or a line to report, which the state machine can read", () => {
  const property = fc.property(lists, (list) => {
    const items = listedClients(list);
    const read = listOf(items)
      .split("\n")
      .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));
    expect(read).toEqual(items);
    const named = items.filter((item) => "clientId" in item);
    expect(named.filter(({ clientId }) => clientIdIn(clientId) !== clientId)).toEqual([]);
  });
  fc.assert(property, trying(400));
});

let uploads = 0;
/** The outcome of the clean-up that the upload starts. */
async function uploaded(Body: Buffer): Promise<string> {
  uploads += 1;
  const from = world.happened.length;
  const Bucket = world.runtime.physicalId("CleanUpBucket");
  await world.aws("s3", "PutObject", { Bucket, Key: `deletions/list-${uploads}.txt`, Body });
  const ended = () =>
    world.happened
      .slice(from)
      .flatMap((one) => (one.kind === "execution-ended" && one.machine === "clean-up" ? [one.status] : []));
  await world.clock.until(() => ended().length > 0);
  return ended().join();
}

test("a list of anything at all is worked off or refused, and Bob, who is in none of them, can be called", async () => {
  const bob = await world.phone("bob");
  const bytes = fc.oneof(
    lists.map((list) => Buffer.from(list)),
    fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)),
    fc.constantFrom("", `${UNKNOWN}\n`.repeat(300), "\uFEFF").map((list) => Buffer.from(list, "utf16le")),
  );
  const property = fc.asyncProperty(bytes, async (body) => {
    expect(["SUCCEEDED", "FAILED"]).toContain(await uploaded(body));
    expect((await bob.send({ action: "getClient", clientId: bob.clientId })).status).toBe(200);
  });
  await fc.assert(property, trying(6));
});
