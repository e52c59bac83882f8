/** `listCalls`, and the rows that closing a call writes for it. */
import { expect, test } from "vitest";
import { type Call } from "../../calls/call.ts";
import { historyRows } from "../../calls/history.ts";
import { closeEndedCall } from "../../handlers/call/close-call.ts";
import type { EndedCall } from "../../handlers/media/hint-queues.ts";
import { listCalls } from "../../handlers/rest/history.ts";
import { ALICE, at, BOB, CALL, callId, completed } from "../builders.ts";
import { fakeQueue } from "../fake-presence.ts";
import { ALICE_HERSELF, BOB_HIMSELF, world } from "./world.ts";

const past = (n: number, second: number): Call => ({
  ...completed(),
  callId: callId(n),
  createdAtMs: at(second),
});
/** Four calls, two of which began at the same moment. */
async function fourCalls() {
  const it = world();
  const calls = [past(1, 0), past(2, 10), past(3, 10), past(4, 20)];
  for (const call of calls) await it.calls.remember(historyRows(call, at(90)));
  return it;
}
const idsOf = ({ calls }: Awaited<ReturnType<typeof listCalls>>) => calls.map((call) => call.callId);

test("lists a client's calls, newest first, without owners or versions", async () => {
  const reply = await listCalls(await fourCalls(), BOB_HIMSELF, { clientId: BOB, limit: 20 });
  expect(idsOf(reply)).toEqual([4, 3, 2, 1].map(callId));
  expect(reply.calls[0]).toMatchObject({ role: "callee", otherClientId: ALICE, durationMs: 55_000 });
  expect(JSON.stringify(reply)).not.toMatch(/sub-of|version|expiresAt/);
  expect(reply).not.toHaveProperty("nextToken");
});

test("pages through the calls, each once, even those that began at the same moment", async () => {
  const it = await fourCalls();
  const seen: string[] = [];
  let nextToken: string | undefined;
  for (const expected of [1, 1, 1, 1]) {
    const page = await listCalls(it, BOB_HIMSELF, { clientId: BOB, limit: expected, nextToken });
    seen.push(...idsOf(page));
    nextToken = page.nextToken;
  }
  expect([seen, nextToken]).toEqual([[4, 3, 2, 1].map(callId), undefined]);
});

test("a page that ends with the last call has no token", async () => {
  expect(await listCalls(await fourCalls(), BOB_HIMSELF, { clientId: BOB, limit: 4 })).not.toHaveProperty(
    "nextToken",
  );
});

test("a forged page token is refused, and the problem names the field", async () => {
  const forged = [
    "x",
    Buffer.from("{}").toString("base64url"),
    Buffer.from('{"createdAtMs":1,"callId":"call"}').toString("base64url"),
  ];
  for (const nextToken of forged) {
    const asked = listCalls(await fourCalls(), BOB_HIMSELF, { clientId: BOB, limit: 1, nextToken });
    await expect(asked).rejects.toMatchObject({
      code: "invalid_request",
      details: { errors: [{ field: "nextToken" }] },
    });
  }
});

test("a page token of one client opens no other client's history", async () => {
  const it = await fourCalls();
  const { nextToken } = await listCalls(it, BOB_HIMSELF, { clientId: BOB, limit: 1 });
  const hers = await listCalls(it, ALICE_HERSELF, { clientId: ALICE, limit: 1, nextToken });
  expect(hers.calls).toMatchObject([{ role: "caller" }]);
});

test("refuses another person's client", async () => {
  const asked = listCalls(await fourCalls(), ALICE_HERSELF, { clientId: BOB, limit: 1 });
  await expect(asked).rejects.toMatchObject({ code: "not_your_client" });
});

test("closing a call writes a row for each side, and a repeat writes the same rows", async () => {
  const it = world(completed());
  const tools = { ...it, keepHistory: false, endedCalls: fakeQueue<EndedCall>(), removalGraceSeconds: 8 };
  await closeEndedCall(tools, completed(), at(61));
  const first = [...it.calls.rows.values()];
  expect(first.map(({ clientId }) => clientId)).toEqual([ALICE, BOB]);
  await closeEndedCall(tools, it.calls.items.get(CALL) as Call, at(61));
  expect(it.calls.rows.size).toBe(2);
});
