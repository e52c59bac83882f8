/** Lists of clients that operators put into the bucket, in the formats that people write. Each line counts for itself. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import { startWorld, type World } from "../world.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000001";
let world: World;
let ids: Record<"alice" | "bob" | "carol", string>;

openForEach(startWorld, async (opened) => {
  world = opened;
  const [alice, bob, carol] = [
    await world.phone("alice"),
    await world.phone("bob"),
    await world.phone("carol"),
  ];
  ids = { alice: alice.clientId, bob: bob.clientId, carol: carol.clientId };
});

const s3 = (operation: string, input: Shape): Promise<Shape> =>
  world.aws("s3", operation, { Bucket: world.runtime.outputs["CleanUpBucketName"], ...input });

/** The report of a list that was uploaded. */
async function reportOn(list: string): Promise<Record<string, unknown>> {
  await s3("PutObject", { Key: "deletions/monday.txt", Body: list });
  await world.clock.until(() => world.events("ClientsDeleted").length > 0);
  const Key = `operations/${String(world.events("ClientsDeleted")[0]?.["operationId"])}/report.json`;
  const { Body } = await s3("GetObject", { Key });
  return JSON.parse(String(Body)) as Record<string, unknown>;
}

const clientsLeft = async (): Promise<number> =>
  Number(
    (await world.aws("dynamodb", "Scan", { TableName: world.runtime.physicalId("ClientsTable") }))["Count"],
  );

test.each<[string, (of: typeof ids) => string]>([
  ["bare ids", (of) => `${of.alice}\n${of.bob}\n${of.carol}\n`],
  [
    "bare ids with Windows line ends and blank lines",
    (of) => `\uFEFF${of.alice}\r\n\r\n${of.bob}\r\n${of.carol}`,
  ],
  ["a header line and ids", (of) => `clientId\n${of.alice}\n${of.bob}\n${of.carol}\n`],
  ["JSON strings and objects", (of) => `"${of.alice}"\n{"clientId":"${of.bob}"}\n"${of.carol}"`],
  ["a mixture", (of) => `${of.alice}\n\n  "${of.bob}"\r\n{"clientId":"${of.carol}","note":"x"}\n`],
])("a list of %s deletes every client in it", async (_what, list) => {
  expect(await reportOn(list(ids))).toMatchObject({ status: "done", deleted: 3, alreadyGone: 0, failed: 0 });
  expect(await clientsLeft()).toBe(0);
});

test("the report names each bad line by its number and its text, and the other clients are deleted", async () => {
  const report = await reportOn(
    `${ids.alice}\nnobody\n\n{"clientId":\n${ids.bob}\n"{"\n${UNKNOWN}\n${ids.carol}`,
  );
  expect(report).toMatchObject({
    status: "done",
    deleted: 3,
    alreadyGone: 1,
    failed: 3,
    reasons: { invalid_id: 3 },
  });
  expect(report["failures"]).toEqual([
    { clientId: "nobody", line: 2, reason: "invalid_id" },
    { clientId: '{"clientId":', line: 4, reason: "invalid_id" },
    { clientId: '"{"', line: 6, reason: "invalid_id" },
  ]);
  expect(await clientsLeft()).toBe(0);
});

test("a list of blank lines deletes no client and reports that", async () => {
  expect(await reportOn("\n\r\n  \n")).toMatchObject({ status: "done", deleted: 0, failed: 0 });
  expect(await clientsLeft()).toBe(3);
});
