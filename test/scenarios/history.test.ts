/** What a call leaves: a row for each side, kept for 90 days; and the caller's choice of media, from the push to the history. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import {
  aliceAndBob,
  answers,
  begins,
  calls,
  declines,
  ends,
  history,
  joinsStage,
  rings,
  seen,
} from "./cast.ts";
import { crashAfter } from "./faults.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

type Row = Record<string, { S?: string; N?: string } | undefined>;
async function rows(clientId: string): Promise<Row[]> {
  const { Items } = await world.aws("dynamodb", "Query", {
    TableName: world.runtime.physicalId("CallsTable"),
    KeyConditionExpression: "pk = :client",
    ExpressionAttributeValues: { ":client": { S: `client#${clientId}` } },
  });
  return Items as Row[];
}

describe("the history of both sides contains", () => {
  test("an answered call: with whom, when, how long, on which device", async () => {
    const { cast, alice, bob } = await aliceAndBob(world, { alice: "alices-phone", bob: "bobs-phone" });
    const createdAtMs = world.clock.now();
    const callId = await begins(alice, bob);
    await world.clock.advance(2_000);
    await rings(bob, callId);
    const ringingAtMs = world.clock.now();
    await world.clock.advance(3_000);
    await answers(bob, callId);
    const answeredAtMs = world.clock.now();
    const talking = [await joinsStage(alice, callId), await joinsStage(bob, callId)];
    await world.clock.advance(61_000);
    talking.forEach(world.runtime.ivs.leave);
    await ends(bob, callId);
    const endedAtMs = world.clock.now();
    await world.clock.advance(2_000);
    const both = {
      callId,
      media: "audio",
      endReason: "completed",
      answeredAtMs,
      endedAtMs,
      durationMs: 61_000,
    };
    expect(await history(alice)).toEqual([
      {
        ...both,
        createdAtMs: expect.any(Number),
        role: "caller",
        otherClientId: bob.clientId,
        deviceId: "alices-phone",
      },
    ]);
    expect(await history(bob)).toEqual([
      {
        ...both,
        createdAtMs: expect.any(Number),
        role: "callee",
        otherClientId: alice.clientId,
        ringingAtMs,
        deviceId: "bobs-phone",
      },
    ]);
    expect((await history(alice))[0]?.["createdAtMs"]).toBeGreaterThanOrEqual(createdAtMs);
    await expectAftermath(cast, { callId, endReason: "completed" });
  });

  test("a declined and a missed call, without a duration, newest first", async () => {
    const { cast, alice, bob } = await aliceAndBob(world, { alice: "alices-phone", bob: "bobs-phone" });
    const declined = await begins(alice, bob);
    await declines(bob, declined);
    await world.clock.advance(2_000);
    const missed = await begins(alice, bob);
    await world.clock.advance(50_000);
    for (const person of [alice, bob]) {
      const past = await history(person);
      expect(past).toMatchObject([
        { callId: missed, endReason: "missed", durationMs: 0 },
        { callId: declined, endReason: "declined", durationMs: 0 },
      ]);
      for (const one of past) expect(one).not.toHaveProperty("answeredAtMs");
    }
    await expectAftermath(cast, { callId: missed, endReason: "missed" });
    await expectAftermath(cast, { callId: declined, endReason: "declined" });
  });

  test("many calls, page by page, each once", async () => {
    const { cast, alice, bob } = await aliceAndBob(world, { alice: "alices-phone", bob: "bobs-phone" });
    const made: string[] = [];
    for (let number = 0; number < 7; number += 1) {
      const callId = await begins(alice, bob);
      await ends(alice, callId);
      made.unshift(callId);
      await world.clock.advance(1_000);
    }
    await world.clock.advance(5_000);
    const found: unknown[] = [];
    let nextToken: unknown;
    let pages = 0;
    do {
      const { clientId } = bob;
      const page = { action: "listCalls", clientId, limit: 3, ...(nextToken !== undefined && { nextToken }) };
      const { body } = await bob.send(page);
      found.push(...(body["calls"] as { callId: string }[]).map(({ callId }) => callId));
      nextToken = body["nextToken"];
      pages += 1;
    } while (nextToken !== undefined);
    expect(found).toEqual(made);
    expect(pages).toBe(3);
    await expectAftermath(cast, { callId: made[0] ?? "", endReason: "cancelled" });
  });
});

test("a person cannot read another person's history, and a forged page is refused by the field's name", async () => {
  const { cast, alice, bob } = await aliceAndBob(world, { alice: "alices-phone", bob: "bobs-phone" });
  const callId = await begins(alice, bob);
  await ends(alice, callId);
  const { clientId } = bob;
  expect(await alice.send({ action: "listCalls", clientId })).toMatchObject({
    status: 403,
    body: { code: "not_your_client" },
  });
  expect(await bob.send({ action: "listCalls", clientId, nextToken: "made-up" })).toMatchObject({
    status: 400,
    body: { errors: [{ field: "nextToken" }] },
  });
  await expectAftermath(cast, { callId, endReason: "cancelled" });
});

test("a clean-up that runs twice writes the history once", async () => {
  const { cast, alice, bob } = await aliceAndBob(world, { alice: "alices-phone", bob: "bobs-phone" });
  cast.interfere({
    service: "dynamodb",
    operation: "UpdateItem",
    from: "ringmaster-close-stage",
    nth: 4,
    fault: crashAfter,
  });
  const callId = await begins(alice, bob);
  await declines(bob, callId);
  await world.clock.advance(120_000);
  expect(await history(alice)).toHaveLength(1);
  expect(await history(bob)).toHaveLength(1);
  await expectAftermath(cast, { callId, endReason: "declined" });
});

describe("the history", () => {
  test("is kept for 90 days after the call, as the call itself", async () => {
    const { cast, alice, bob } = await aliceAndBob(world, { alice: "alices-phone", bob: "bobs-phone" });
    const callId = await begins(alice, bob);
    await declines(bob, callId);
    await expectAftermath(cast, { callId, endReason: "declined" });
    const item = await world.item(callId);
    const untilMs = Number(item["cleanedUpAtMs"]?.["N"]) + 90 * 86_400_000;
    for (const { clientId } of [alice, bob]) {
      const row = (await rows(clientId)).find((one) => one["callId"]?.S === callId);
      // The rows are written a moment before the call is closed.
      expect(Math.abs(Number(row?.["expiresAtSeconds"]?.N) * 1000 - untilMs)).toBeLessThan(5_000);
    }
    expect(Math.abs(Number(item["expiresAtSeconds"]?.["N"]) * 1000 - untilMs)).toBeLessThan(5_000);
  });

  test("is deleted after its time", async () => {
    const { cast, alice, bob } = await aliceAndBob(world, { alice: "alices-phone", bob: "bobs-phone" });
    const callId = await begins(alice, bob);
    await declines(bob, callId);
    await world.clock.advance(2_000);
    expect(await history(alice)).toHaveLength(1);
    const [row] = await rows(alice.clientId);
    // Advancing 90 virtual days would take too long.
    await world.aws("dynamodb", "UpdateItem", {
      TableName: world.runtime.physicalId("CallsTable"),
      Key: { pk: row?.["pk"], sk: row?.["sk"] },
      UpdateExpression: "SET expiresAtSeconds = :soon",
      ExpressionAttributeValues: { ":soon": { N: String(Math.floor(world.clock.now() / 1000) + 60) } },
    });
    await expectAftermath(cast, { callId, endReason: "declined", withinMs: 30_000 });
    await world.clock.advance(3_700_000);
    const left = (await rows(alice.clientId)).map((one) => one["callId"]?.S);
    expect(left).not.toContain(callId);
    expect((await rows(bob.clientId)).map((one) => one["callId"]?.S)).toContain(callId);
  });
});

describe.each(["audio", "video"])("a call with %s", (media) => {
  test("has that media in the push, the token, the call and both histories", async () => {
    const { cast, alice, bob } = await aliceAndBob(world, { alice: "alices-phone", bob: "bobs-phone" });
    const { body } = await calls(alice, [bob], { media });
    const callId = String(body["callId"]);
    await world.clock.advance(1_000);
    expect(bob.messages()[0]?.data).toMatchObject({ type: "incoming_call", media });
    const answered = await answers(bob, callId);
    for (const token of [body["token"], answered.body["token"]]) {
      const participant = await world.runtime.ivs.join(String(token));
      expect(participant).toMatchObject({ attributes: { media, callId } });
      world.runtime.ivs.leave(participant);
    }
    expect(await seen(alice, callId)).toMatchObject({ media });
    await ends(alice, callId);
    await expectAftermath(cast, { callId, endReason: "completed" });
    for (const person of [alice, bob]) {
      expect((await history(person)).find((past) => past["callId"] === callId)).toMatchObject({ media });
    }
  });
});

test("an answer with another media does not change the call", async () => {
  const { cast, alice, bob } = await aliceAndBob(world, { alice: "alices-phone", bob: "bobs-phone" });
  const callId = await begins(alice, bob);
  const answered = await bob.send({ action: "answerCall", callId, media: "video" });
  expect(answered.status).toBe(200);
  expect(await seen(alice, callId)).toMatchObject({ media: "audio" });
  await ends(alice, callId);
  await expectAftermath(cast, { callId, endReason: "completed" });
});
