/** The small tasks of the workflow: follow-call and issue-token. */
import { describe, expect, test } from "vitest";
import { workflowView } from "../../calls/snapshot.ts";
import { followCall } from "../../handlers/follow-call.ts";
import { issueToken } from "../../handlers/issue-token.ts";
import { answered, at, CALL, completed, endedWhileRinging, ringing } from "../builders.ts";
import { fakeCalls, fakePublisher } from "../fakes.ts";

const tools = (...initial: Parameters<typeof fakeCalls>) => ({
  calls: fakeCalls(...initial),
  publisher: fakePublisher(),
});

describe("follow-call", () => {
  const look = { callId: CALL, failed: false };

  test("returns the state of the call, and changes nothing before a deadline", async () => {
    const world = tools(answered());
    expect(await followCall(world, look, at(600))).toEqual(workflowView(answered()));
    expect(world.calls.items.get(CALL)).toEqual(answered());
    expect(world.publisher.events).toEqual([]);
  });

  test("writes and publishes the change that the deadline demands (W6)", async () => {
    const world = tools(ringing());
    const view = await followCall(world, look, at(45));
    expect(view).toMatchObject({ turn: 1, snapshot: { status: "ended", endReason: "missed" } });
    expect(world.calls.items.get(CALL)?.endReason).toBe("missed");
    expect(world.publisher.names()[0]).toBe("LegEnded");
  });

  test("publishes a change that the workflow was not woken for, because the first publication may be missing (W7)", async () => {
    const world = tools(answered());
    expect(await followCall(world, { ...look, turn: 0 }, at(6))).toEqual(workflowView(answered()));
    expect(world.publisher.names()).toEqual(["CallAnswered", "LegUpdated", "LegUpdated"]);
    const over = tools(completed());
    await followCall(over, { ...look, turn: 1 }, at(70));
    expect(over.publisher.names()).toEqual(["LegUpdated", "LegUpdated"]);
    expect(over.publisher.events[0]?.detail).toMatchObject({ status: "ended", endReason: "completed" });
  });

  test("publishes nothing that the workflow has followed, and nothing if the workflow names no turn", async () => {
    for (const turn of [1, undefined]) {
      const world = tools(answered());
      await followCall(world, { ...look, turn }, at(600));
      expect(world.publisher.events).toEqual([]);
    }
  });

  test("ends a call whose workflow cannot go on, unless the call has ended already", async () => {
    const failed = { callId: CALL, failed: true };
    expect(await followCall(tools(ringing()), failed, at(3))).toMatchObject({
      snapshot: { endReason: "failed" },
    });
    expect(await followCall(tools(completed()), failed, at(70))).toEqual(workflowView(completed()));
  });

  test("fails for a call that does not exist", async () => {
    await expect(followCall(tools(), look, at(1))).rejects.toThrow(`call ${CALL} does not exist`);
  });
});

describe("issue-token", () => {
  test("prepares Bob's token and publishes that, without the token itself", async () => {
    const world = tools(ringing());
    const view = await issueToken(world, { callId: CALL }, at(3));
    expect(world.calls.items.get(CALL)?.legs[2]).toMatchObject({ tokenCount: 1, tokensUntilMs: 0 });
    expect(world.publisher.events).toMatchObject([
      { name: "ParticipantTokenIssued", detail: { participantId: `${CALL}-2-1` } },
    ]);
    expect(JSON.stringify(view)).not.toMatch(/token/i);
  });

  test("prepares one token even if it runs twice", async () => {
    const world = tools(ringing());
    await issueToken(world, { callId: CALL }, at(3));
    const once = world.calls.items.get(CALL);
    await issueToken(world, { callId: CALL }, at(4));
    expect(world.calls.items.get(CALL)).toEqual(once);
  });

  test("prepares none for a call that is over", async () => {
    const world = tools(endedWhileRinging("cancelled"));
    expect(await issueToken(world, { callId: CALL }, at(11))).toMatchObject({
      snapshot: { endReason: "cancelled" },
    });
    expect(world.publisher.events).toEqual([]);
  });
});
