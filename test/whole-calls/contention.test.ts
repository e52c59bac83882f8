/** Simultaneous requests of one person: independent ones do not conflict, and one that loses is tried again. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { AwsError } from "../../packages/local-aws/src/local-aws.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";

let world: World;
let alice: Phone;
let bob: Phone;

openForEach(startWorld, async (opened) => {
  world = opened;
  [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
});

/** Sends while time passes, because the function pauses between its attempts. */
async function meanwhile<T>(sending: Promise<T>): Promise<T> {
  const [reply] = await Promise.all([sending, world.clock.advance(8_000)]);
  return reply;
}
const atOnce = (count: number, send: (index: number) => Promise<Reply>): Promise<Reply[]> =>
  meanwhile(Promise.all(Array.from({ length: count }, (_, index) => send(index))));
const statuses = (replies: readonly Reply[]): number[] => [...new Set(replies.map(({ status }) => status))];

test("thirty simultaneous changes of one client's settings all take effect, and no reply says to try again", async () => {
  const others: Phone[] = [];
  for (let index = 0; index < 15; index += 1) others.push(await world.phone(`other-${index}`));
  const { clientId } = alice;
  const blocks = (action: string, other: Phone | undefined) =>
    alice.send({ action, clientId, blockedId: other?.clientId });
  expect(statuses(await atOnce(15, (index) => blocks("blockClient", others[index])))).toEqual([200]);
  const untilMs = world.clock.now() + 3_600_000;
  const replies = await atOnce(31, (index) => {
    if (index === 30) return alice.send({ action: "setDoNotDisturb", clientId, untilMs });
    return blocks(index % 2 === 0 ? "unblockClient" : "blockClient", others[Math.floor(index / 2)]);
  });
  expect(statuses(replies)).toEqual([200]);
  for (const other of others.slice(5)) await blocks("unblockClient", other);
  for (const other of others.slice(0, 5)) await blocks("blockClient", other);
  const { body } = await alice.send({ action: "getClient", clientId });
  expect(body).toMatchObject({ doNotDisturbUntilMs: untilMs });
  expect((body["blockedIds"] as string[]).toSorted()).toEqual(
    others
      .slice(0, 5)
      .map((other) => other.clientId)
      .toSorted(),
  );
});

test("twenty phones of one person that register at once are all registered", async () => {
  const register = (index: number) =>
    alice.send({
      action: "register",
      notifyType: "GCM",
      deviceToken: `phone-${index}`,
      clientId: alice.clientId,
    });
  expect(statuses(await atOnce(20, register))).toEqual([200]);
});

const calls = (key: string) =>
  alice.send(
    { action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId },
    { "idempotency-key": key },
  );

test("twenty simultaneous requests with one Idempotency-Key are one call, and the phone rings once", async () => {
  const replies = await atOnce(20, () => calls("tap"));
  expect(statuses(replies)).toEqual([200]);
  expect(new Set(replies.map(({ body }) => body["callId"])).size).toBe(1);
  expect(bob.pushes()).toEqual(["incoming_call"]);
});

test("repeated calls to a busy callee are one attempt with one missed call", async () => {
  const carol = await world.phone("carol");
  await carol.send({ action: "initiateCall", callerId: carol.clientId, calleeId: bob.clientId });
  await world.clock.advance(3_000);
  const replies = [await calls("tap"), await calls("tap"), ...(await atOnce(5, () => calls("tap")))];
  expect(statuses(replies)).toEqual([409]);
  expect(new Set(replies.map(({ body }) => body["callId"])).size).toBe(1);
  await world.clock.advance(5_000);
  expect(bob.pushes().filter((type) => type === "missed_call")).toHaveLength(1);
});

const CONFLICT = new AwsError("TransactionConflictException", "Transaction is ongoing for the item", 400);

/** Conflicts the single-item writes of requests for that long. */
function conflictsFor(milliseconds: number): void {
  const untilMs = world.clock.now() + milliseconds;
  world.runtime.localAws.interfere({
    service: "dynamodb",
    operation: "UpdateItem",
    from: "ringmaster-rest-entrypoint",
    where: () => world.clock.now() < untilMs,
    times: 10_000,
    fault: async () => {
      throw CONFLICT;
    },
  });
}
const beLeftInPeace = () =>
  alice.send({ action: "setDoNotDisturb", clientId: alice.clientId, untilMs: world.clock.now() + 60_000 });
const metrics = (name: string): number =>
  world.happened.filter((one) => one.kind === "log" && one.line.includes(`"${name}":1`)).length;

test("two seconds of conflicts go unnoticed", async () => {
  conflictsFor(2_000);
  expect(await meanwhile(beLeftInPeace())).toMatchObject({ status: 200 });
});

test("after three seconds of conflicts the reply says to try again, and a metric counts it", async () => {
  conflictsFor(60_000);
  const sentAtMs = world.clock.now();
  let repliedAtMs = 0;
  const reply = await meanwhile(
    beLeftInPeace().then((reply) => {
      repliedAtMs = world.clock.now();
      return reply;
    }),
  );
  expect(reply).toMatchObject({ status: 503, body: { code: "try_again" } });
  expect(reply.headers["retry-after"]).toBe("1");
  expect(repliedAtMs - sentAtMs).toBeGreaterThanOrEqual(2_000);
  expect(repliedAtMs - sentAtMs).toBeLessThanOrEqual(5_000);
  expect(metrics("RepliesContended")).toBe(1);
});
