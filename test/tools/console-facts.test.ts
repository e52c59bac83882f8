/** What the console's pages show of a real call: its path, its timeline and its price, from the facts of the console's server. */
import { expect, test } from "vitest";
import { openConsole } from "../../local/console.ts";
import type { ConsoleReply } from "../../tools/console/server.ts";
import { costOfCall } from "../../web/console/state/cost.ts";
import { type CallFacts, callSchema } from "../../web/console/state/facts.ts";
import { graphOf } from "../../web/console/state/graph.ts";
import { milestonesOf } from "../../web/console/state/milestones.ts";
import { pathOf } from "../../web/console/state/path.ts";
import { takenEdges } from "../../web/console/state/taken.ts";
import { timelineOf } from "../../web/console/state/timeline.ts";
import { nameOf } from "../../web/console/state/words.ts";
import { startWorld, type World } from "../world.ts";

const factsOf = async (world: World, callId: string): Promise<CallFacts> =>
  callSchema.parse(JSON.parse(await textOf(world, callId)));

async function textOf(world: World, callId: string): Promise<string> {
  const server = await openConsole(world.runtime, { aws: "http://127.0.0.1:4566" });
  const request = { method: "GET", path: `/console/api/calls/${callId}`, query: "" };
  // The server streams only if the request asks for a stream.
  const reply = (await server({ ...request, headers: { host: "127.0.0.1" } })) as ConsoleReply;
  return String(reply.body);
}

/** A call that rings after 1 s, is answered after 4 s, and lasts a minute. */
async function talked(world: World): Promise<string> {
  const [alice, bob] = [await world.phone("alice"), await world.phone("bob", { deviceId: "bobs-phone" })];
  const called = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
    media: "video",
  });
  const callId = String(called.body["callId"]);
  await alice.joins(called);
  await world.clock.advance(1_000);
  await bob.send({ action: "ackRinging", callId });
  await world.clock.advance(3_000);
  await bob.joins(await bob.send({ action: "answerCall", callId }));
  await world.clock.advance(60_000);
  await alice.send({ action: "endCall", clientId: alice.clientId, callId });
  await world.ended(callId);
  return callId;
}

test("the timeline shows operators' acts with their names, and no page shows their sub", async () => {
  await using world = await startWorld({ quotas: false });
  const [alice, bob, carol] = [
    await world.phone("alice"),
    await world.phone("bob"),
    await world.phone("carol"),
  ];
  const calleeIds = [bob.clientId, carol.clientId];
  const called = await alice.send({ action: "initiateCall", callerId: alice.clientId, calleeIds });
  const callId = String(called.body["callId"]);
  const olivia = await world.phone("olivia");
  const ends = (more: object) => olivia.send({ action: "endCall", callId, clientId: bob.clientId, ...more });
  await ends({});
  await world.clock.advance(1_000);
  await olivia.send({ action: "addToCall", callId, calleeIds: [bob.clientId] });
  await world.clock.advance(1_000);
  await ends({ everyone: true });
  await world.ended(callId);

  const facts = await factsOf(world, callId);
  const { entries } = timelineOf(facts, []);
  const done = entries.filter(({ note }) => note === "as an operator").map(({ title }) => title);
  const bobs = nameOf({ clientId: bob.clientId });
  expect(done).toEqual([
    `olivia removes ${bobs}`,
    `olivia adds ${bobs}`,
    "olivia ends the call for everyone",
  ]);
  expect(facts.call).toMatchObject({ endReason: "ended_by_operator" });
  const { sub } = JSON.parse(Buffer.from(olivia.accessToken.split(".")[1] ?? "", "base64url").toString()) as {
    sub: string;
  };
  expect(await textOf(world, callId)).not.toContain(sub);
});

test("an answered call has its states in order as its path, and each part has its time and price", async () => {
  await using world = await startWorld({ quotas: false });
  const callId = await talked(world);
  const facts = await factsOf(world, callId);
  const walks = facts.executions.map((execution) => ({ execution, ...pathOf(execution.history) }));
  const [walk] = walks;
  if (!walk || !facts.call) throw new Error("nothing is told of the call");

  const entered = await world.states(callId);
  expect(walk.visits.map(({ name }) => name)).toEqual(entered);
  expect(walk.here).toEqual([]);
  const graph = graphOf(walk.execution.definition);
  expect(takenEdges(walk, graph?.edges ?? []).size).toBe(entered.length - 1);

  const { toRingMs = 0, toAnswerMs = 0, talkMs = 0 } = milestonesOf(facts.call, world.clock.now());
  expect([toRingMs, toAnswerMs, talkMs].map((ms) => Math.round(ms / 1000))).toEqual([1, 4, 60]);

  const { startMs, entries } = timelineOf(facts, walks);
  expect(startMs).toBe(facts.call.createdAtMs);
  expect(entries.filter(({ kind }) => kind === "state").map(({ title }) => title)).toEqual(entered);
  expect(entries.filter(({ kind }) => kind === "error")).toEqual([]);
  const kinds = new Set(entries.map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual(["event", "leg", "push", "state", "token"]);

  const costs = costOfCall(facts, walks, world.clock.now());
  const cost = (what: string) => costs.find((line) => line.what === what);
  expect(cost("State transitions")).toMatchObject({ amount: entered.length });
  expect(cost("State transitions")?.dollars).toBeCloseTo(entered.length * 0.000025, 9);
  expect(cost("Pushes")).toMatchObject({ amount: 1 });
  expect(cost("On the stage, video")?.amount).toBeCloseTo(2, 1);
});
