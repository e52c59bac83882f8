/** A request that loses to other requests tries again for three seconds. */
import { expect, test } from "vitest";
import { MAX_CONTENTION_MS } from "../../calls/limits.ts";
import { Problem } from "../../api/problems.ts";
import { Contention, persist } from "../../handlers/edge/contention.ts";
import { START_MS } from "../builders.ts";
import { fakeEdge } from "../fakes.ts";

const lost = () => new Contention("call 1 changed 6 times while it was being written");
const conflict = () => Object.assign(new Error("ongoing"), { name: "TransactionConflictException" });
const askedAgain = () =>
  new Problem("try_again", "the client is being changed by others", { retryAfterSeconds: 1 });

test.each([
  ["a change that lost every attempt", lost],
  ["a write that conflicted with a transaction", conflict],
  ["a refusal with try_again", askedAgain],
])("%s is attempted again after a pause", async (_what, loss) => {
  const edge = fakeEdge();
  const losses = [loss(), loss()];
  const done = await persist(edge, async () => {
    const error = losses.shift();
    if (error) throw error;
    return "done";
  });
  expect([done, edge.pauses.length]).toEqual(["done", 2]);
  expect(Math.min(...edge.pauses)).toBeGreaterThan(0);
});

test("after three seconds the request is refused, with contention as the reason", async () => {
  const edge = fakeEdge();
  const refused = persist(edge, async () => {
    throw lost();
  });
  await expect(refused).rejects.toMatchObject({
    code: "try_again",
    status: 503,
    details: { retryAfterSeconds: 1, contended: true, cause: { message: lost().message } },
  });
  expect(edge.now() - START_MS).toBeLessThanOrEqual(MAX_CONTENTION_MS);
  expect(edge.now() - START_MS).toBeGreaterThan(MAX_CONTENTION_MS / 2);
});

test("an attempt that itself takes three seconds is the last", async () => {
  const edge = fakeEdge();
  let attempts = 0;
  const refused = persist(edge, async () => {
    attempts += 1;
    edge.setNow(edge.now() + MAX_CONTENTION_MS);
    throw conflict();
  });
  await expect(refused).rejects.toMatchObject({ details: { contended: true } });
  expect(attempts).toBe(1);
});

test.each([
  ["a failure", new Error("the table is away")],
  ["another refusal", new Problem("callee_busy", "client 1 is in another call")],
  [
    "a refusal caused by a failure",
    new Problem("try_again", "not started", { cause: new Error("the bus is away") }),
  ],
])("%s is not attempted again", async (_what, error) => {
  const edge = fakeEdge();
  await expect(
    persist(edge, async () => {
      throw error;
    }),
  ).rejects.toBe(error);
  expect(edge.pauses).toEqual([]);
});
