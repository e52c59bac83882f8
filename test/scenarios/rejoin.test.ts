/** Rejoining a call after losing the network; and that the clients of an ended call never meet those of the next. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { synthesize } from "../../local/synthesize.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { aliceAndBob, answers, begins, calls, ends, openCast } from "./cast.ts";

let world: World;
beforeAll(async () => {
  // With two stages the next call gets the other one, and the call after that the first one as soon as it is free.
  const twoStages = await synthesize({ context: { minStages: "2", maxStages: "2" } });
  world = await startWorld({ assembly: twoStages.directory });
});
afterAll(async () => world[Symbol.asyncDispose]());

const MINUTE_MS = 60_000;

async function laterAliceAndBob() {
  // The stages of the last calls may just be free again, with sessions that go on.
  await world.clock.advance(15_000);
  return aliceAndBob(world);
}

const rejoins = (phone: Phone, callId: string): Promise<Reply> =>
  phone.send({ action: "rejoinCall", callId });
const onStage = ({ body }: Reply) => world.runtime.ivs.join(String(body["token"]));

function claims({ body }: Reply): Record<string, unknown> {
  const [, payload = ""] = String(body["token"]).split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
}

describe("a client that lost the network", () => {
  test("gets the same token while it is valid, then the next for the same stage, even after the first expired", async () => {
    const { cast, alice, bob } = await laterAliceAndBob();
    const began = await calls(alice, [bob]);
    const callId = String(began.body["callId"]);
    const answered = await answers(bob, callId);
    const [first] = [await onStage(answered), await onStage(began)];
    const soon = await rejoins(bob, callId);
    for (const name of ["jti", "exp", "resource"]) expect(claims(soon)[name]).toBe(claims(answered)[name]);
    expect(claims(await answers(bob, callId))["jti"]).toBe(claims(answered)["jti"]);
    await world.clock.advance(46_000);
    const again = await rejoins(bob, callId);
    expect(again).toMatchObject({ status: 200, body: { callId, status: "answered" } });
    expect(claims(again)["resource"]).toBe(claims(answered)["resource"]);
    expect(claims(again)["jti"]).not.toBe(claims(answered)["jti"]);
    const second = await onStage(again);
    expect(second.participantId).not.toBe(first.participantId);
    await world.clock.advance(30 * MINUTE_MS);
    await expect(onStage(answered)).rejects.toMatchObject({ code: expect.stringContaining("EXPIRED") });
    for (const person of [alice, bob])
      expect((await onStage(await rejoins(person, callId))).connected).toBe(true);
    for (const { participantId } of world.runtime.ivs.participantsOf(String(claims(again)["resource"])))
      expect(participantId).toContain(callId);
    world.runtime.ivs.participantsOf(String(claims(again)["resource"])).forEach(world.runtime.ivs.leave);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("can use the older token until it expires, because IVS refuses a token only after a disconnect", async () => {
    const { cast, alice, bob } = await laterAliceAndBob();
    const began = await calls(alice, [bob]);
    const callId = String(began.body["callId"]);
    const [older, bobs] = [await onStage(began), await onStage(await answers(bob, callId))];
    const untilMs = Number(claims(began)["exp"]) * 1000;
    expect(untilMs).toBe(Math.floor((Number(began.body["ringExpiresAtMs"]) + MINUTE_MS) / 1000) * 1000);
    await world.clock.advance(untilMs - world.clock.now() - 10_000);
    const again = await rejoins(alice, callId);
    const newer = await onStage(again);
    expect([older.connected, newer.connected]).toEqual([true, true]);
    await world.aws("ivs", "DisconnectParticipant", {
      stageArn: older.stageArn,
      participantId: older.participantId,
    });
    await expect(onStage(began)).rejects.toMatchObject({ code: expect.stringContaining("DISCONNECTED") });
    for (const side of [newer, bobs]) world.runtime.ivs.leave(side);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("learns the end reason if the call is over", async () => {
    const { cast, alice, bob } = await laterAliceAndBob();
    const callId = await begins(alice, bob);
    await answers(bob, callId);
    await ends(alice, callId);
    for (const person of [alice, bob]) {
      expect(await rejoins(person, callId)).toMatchObject({
        status: 410,
        body: { code: "call_over", endReason: "completed" },
      });
    }
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("must have answered: a phone that rings gets no token this way, and neither does a stranger", async () => {
    const { cast, alice, bob } = await laterAliceAndBob();
    const carol = await cast.phone("carol");
    const callId = await begins(alice, bob);
    expect(await rejoins(bob, callId)).toMatchObject({ status: 409, body: { code: "not_in_call" } });
    expect(await rejoins(carol, callId)).toMatchObject({ status: 403, body: { code: "not_your_call" } });
    // The caller may lose the network while the phones ring.
    expect(await rejoins(alice, callId)).toMatchObject({ status: 200 });
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });
});

describe("the next call", () => {
  /** Two other people call each other and join their stage. */
  async function othersTalk(cast: Awaited<ReturnType<typeof openCast>>) {
    const [carol, dave] = [await cast.phone("carol"), await cast.phone("dave")];
    const began = await calls(carol, [dave]);
    const callId = String(began.body["callId"]);
    const joined = [await onStage(began), await onStage(await answers(dave, callId))];
    return { carol, callId, joined, arn: String(claims(began)["resource"]) };
  }

  test("has another stage while a token of the last call is still valid", async () => {
    const { cast, alice, bob } = await laterAliceAndBob();
    const began = await calls(alice, [bob]);
    const callId = String(began.body["callId"]);
    await ends(alice, callId);
    await world.clock.advance(2_000);
    const { carol, callId: other, joined, arn } = await othersTalk(cast);
    expect(arn).not.toBe(claims(began)["resource"]);
    joined.forEach(world.runtime.ivs.leave);
    await ends(carol, other);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
    await expectAftermath(cast, { callId: other, endReason: "completed" });
  });

  test("has the same stage once it is free, and an old token does not open it", async () => {
    const { cast, alice, bob } = await laterAliceAndBob();
    const began = await calls(alice, [bob]);
    const callId = String(began.body["callId"]);
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "cancelled" });
    await world.clock.advance(15 * MINUTE_MS);
    const { carol, callId: other, joined, arn } = await othersTalk(cast);
    await expect(onStage(began)).rejects.toMatchObject({ code: expect.stringMatching(/EXPIRED|DELETED/) });
    const users = world.runtime.ivs.participantsOf(arn).map(({ participantId }) => participantId);
    expect(users.every((one) => one.startsWith(other))).toBe(true);
    expect(users).toHaveLength(2);
    joined.forEach(world.runtime.ivs.leave);
    await ends(carol, other);
    await expectAftermath(cast, { callId: other, endReason: "completed" });
  });

  test("never shares a session with a participant who stayed on the stage after the last call", async () => {
    const { cast, alice, bob } = await laterAliceAndBob();
    const began = await calls(alice, [bob]);
    const callId = String(began.body["callId"]);
    const lurker = await onStage(began);
    await ends(alice, callId);
    for (let minute = 0; minute < 20; minute += 2) {
      // This call has taken the last free stage, and the keeper needs a moment to empty another.
      await world.clock.advance(3_000);
      const others = await openCast(world);
      const { carol, callId: other, joined, arn } = await othersTalk(others);
      const there = world.runtime.ivs.participantsOf(arn).map(({ participantId }) => participantId);
      expect(there).not.toContain(lurker.participantId);
      expect(there).toHaveLength(2);
      for (const { sessionId } of joined) expect(sessionId).not.toBe(lurker.sessionId);
      joined.forEach(world.runtime.ivs.leave);
      await ends(carol, other);
      await world.clock.advance(2 * MINUTE_MS);
    }
    expect(lurker.connected).toBe(false);
    await expect(onStage(began)).rejects.toMatchObject({
      code: expect.stringMatching(/EXPIRED|DELETED|DISCONNECTED/),
    });
    await expectAftermath(cast, { callId, endReason: "cancelled" });
  });
});
