/**
 * What holds after every scenario, whatever failed in it:
 * The call is over, for one reason that its history justifies. A consumer that drops repeats by version sees one CallEnded,
 * and each phone that follows the call live has its last state. The history has one row for each leg. The slots and the
 * stage are free, no execution waits, and the sweep finds nothing. No secret has left the stack.
 */
import { expect } from "vitest";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Cast } from "./cast.ts";

/** An ended call has a minute to be closed, and the sweep runs every minute. */
const SWEPT_MS = 130_000;
type Item = Record<string, Record<string, unknown>>;

export interface Outcome {
  readonly callId: string;
  /** The expected end reason. If it depends on which function was first, by the name of the function that wrote it. */
  readonly endReason: string | Readonly<Record<string, string>>;
  /** How long the repairs may take. */
  readonly withinMs?: number;
}

export async function expectAftermath(cast: Cast, outcome: Outcome): Promise<void> {
  const { callId } = outcome;
  await cast.world.clock.advance(outcome.withinMs ?? SWEPT_MS);
  cast.calm();
  expect(cast.unmet()).toEqual([]);
  const item = await cast.world.item(callId);
  expectOver(item, justifiedEnd(cast, outcome));
  expectOneEnd(cast, callId, Number(item["version"]?.["N"]), String(item["endReason"]?.["S"]));
  expectLastWords(cast, callId, item);
  await expectNothingHeld(cast, callId, item);
  await expectRemembered(cast, callId, item);
  await expectNoSecrets(cast, callId);
  await expectNextCall(cast, callId);
}

/** If two functions race to end a call, the one that wrote the end gives the reason. */
function justifiedEnd(cast: Cast, { callId, endReason }: Outcome): string {
  if (typeof endReason === "string") return endReason;
  const writer = writerOfEnd(cast, callId);
  return endReason[writer] ?? `nothing that ${writer} may write`;
}

/** The function whose run the call's first event with an end reason names. */
function writerOfEnd(cast: Cast, callId: string): string {
  const [first] = eventsOf(cast, callId).filter(({ detail }) => detail["endReason"] !== undefined);
  const run = String(first?.detail["causedBy"]);
  const line = cast.world.happened
    .slice(cast.since)
    .find((one) => one.kind === "log" && one.line.includes(`"requestId":"${run}"`));
  return line?.kind === "log" ? line.functionName.replace("ringmaster-", "") : "nobody";
}

const eventsOf = ({ world, since }: Cast, callId: string) =>
  world.happened
    .slice(since)
    .flatMap((one) => (one.kind === "event" ? [{ ...one, detail: one.detail as Shape }] : []))
    .filter(({ detail, source }) => source === "ringmaster" && detail["callId"] === callId);

function expectOver(item: Item, endReason: string): void {
  expect(item["status"]).toEqual({ S: "ended" });
  expect(item["endReason"]).toEqual({ S: endReason });
  // The call leaves the sweep's index, and keeps no task token and no person's name.
  for (const name of ["openShard", "sweepAtMs", "taskToken", "callerName"])
    expect(item).not.toHaveProperty(name);
  expect(item).toHaveProperty("cleanedUpAtMs");
}

/** Every event with the end reason has the same one, and CallEnded has one version. */
function expectOneEnd(cast: Cast, callId: string, version: number, endReason: string): void {
  const events = eventsOf(cast, callId);
  const reasons = new Set(events.flatMap(({ detail }) => (detail["endReason"] as string | undefined) ?? []));
  expect([...reasons]).toEqual([endReason]);
  const ends = events.filter(({ detailType }) => detailType === "CallEnded");
  expect([...new Set(ends.map(({ detail }) => detail["version"]))]).toEqual([version]);
}

interface StoredLeg {
  readonly clientId: { readonly S: string };
  readonly status: { readonly S: string };
  readonly leftReason: { readonly S: string };
  readonly silenced?: { readonly S: string };
}
const legsOf = (item: Item): StoredLeg[] =>
  Object.values(item["legs"]?.["M"] as Record<string, { M: StoredLeg }>).map(({ M }) => M);

/**
 * Each leg whose phones may know of the call has heard of the end: the last event for a consumer that drops older versions
 * equals the item. Versions that change nothing for phones, such as the clean-up's, are not published to them.
 */
function expectLastWords(cast: Cast, callId: string, item: Item): void {
  const updates = eventsOf(cast, callId).filter(({ detailType }) => detailType === "LegUpdated");
  for (const { clientId, status, leftReason, silenced } of legsOf(item)) {
    const told = updates.map(({ detail }) => detail).filter((detail) => detail["clientId"] === clientId.S);
    if (silenced) {
      expect(told).toEqual([]);
      continue;
    }
    const [last] = told.toSorted((one, other) => Number(other["version"]) - Number(one["version"]));
    expect(last).toMatchObject({
      status: "ended",
      endReason: item["endReason"]?.["S"],
      endedAtMs: Number(item["endedAtMs"]?.["N"]),
      legStatus: status.S,
      legEndReason: leftReason.S,
    });
    expect(last?.["answeredAtMs"]).toBe(item["answeredAtMs"] && Number(item["answeredAtMs"]["N"]));
  }
}

/** One row for each leg, but none for a callee who blocks the caller. */
async function expectRemembered({ world }: Cast, callId: string, item: Item): Promise<void> {
  const TableName = world.runtime.physicalId("CallsTable");
  for (const { clientId, silenced } of legsOf(item)) {
    const { Items } = await world.aws("dynamodb", "Query", {
      TableName,
      KeyConditionExpression: "pk = :client",
      ExpressionAttributeValues: { ":client": { S: `client#${clientId.S}` } },
    });
    const rows = (Items as Item[]).filter((row) => row["callId"]?.["S"] === callId);
    expect(rows).toHaveLength(silenced?.S === "blocked" ? 0 : 1);
  }
}

async function expectNothingHeld({ world, phones }: Cast, callId: string, item: Item): Promise<void> {
  const everybody = new Set([
    ...phones.map(({ clientId }) => clientId),
    ...legsOf(item).map(({ clientId }) => clientId.S),
  ]);
  for (const clientId of everybody) {
    const TableName = world.runtime.physicalId("ClientsTable");
    const { Item } = await world.aws("dynamodb", "GetItem", {
      TableName,
      Key: { clientId: { S: clientId } },
    });
    expect((Item as Item)["activeCallId"]?.["S"]).not.toBe(callId);
  }
  await expectStageGivenBack(world, callId, item);
  expect(await runningExecutions(world, callId)).toEqual([]);
}

/**
 * The stage rests until the call's last token has expired, or is free afterwards, or serves a later call; or it was deleted,
 * with the participants who stayed on it. A busy call never had one.
 */
async function expectStageGivenBack(world: Cast["world"], callId: string, item: Item): Promise<void> {
  const of = item["stage"]?.["M"] as Record<string, { S: string }> | undefined;
  if (!of) return expect(item["endReason"]).toEqual({ S: "busy" });
  const TableName = world.runtime.physicalId("StagesTable");
  const Key = { stageId: { S: of["stageId"]?.S } };
  const stage = (await world.aws("dynamodb", "GetItem", { TableName, Key }))["Item"] as Item | undefined;
  const untilMs = lastTokenExpiryMs(item);
  const expired = world.clock.now() > untilMs;
  if (!stage) return expectDeleted(world, String(of["arn"]?.S));
  if (stage["callId"]?.["S"] !== callId) return expect(expired).toBe(true);
  expect(["resting", "free"]).toContain(stage["status"]?.["S"]);
  expect(Number(stage["tokensUntilMs"]?.["N"])).toBe(untilMs);
  if (stage["status"]?.["S"] === "free") expect(expired).toBe(true);
}

async function expectDeleted(world: Cast["world"], arn: string): Promise<void> {
  await expect(world.aws("ivs", "GetStage", { arn })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
}

function lastTokenExpiryMs(item: Item): number {
  const legs = Object.values(item["legs"]?.["M"] as Record<string, { M: Item }>);
  return Math.max(0, ...legs.map(({ M: leg }) => Number(leg["tokensUntilMs"]?.["N"])));
}

/** Executions of a call: the first is named by the call's id, and the names of repairs begin with it. */
export async function executionsOf(world: Cast["world"], callId: string): Promise<Shape[]> {
  const stateMachineArn = world.runtime.outputs["CallWorkflowArn"];
  const { executions } = await world.aws("states", "ListExecutions", { stateMachineArn, maxResults: 1000 });
  return (executions as Shape[]).filter(({ name }) => String(name).startsWith(callId));
}

const runningExecutions = async (world: Cast["world"], callId: string): Promise<unknown[]> =>
  (await executionsOf(world, callId)).filter(({ status }) => status === "RUNNING").map(({ name }) => name);

async function expectNoSecrets(cast: Cast, callId: string): Promise<void> {
  const { world, phones, replies } = cast;
  const histories = (await executionsOf(world, callId)).map(({ executionArn }) =>
    world.aws("states", "GetExecutionHistory", { executionArn: String(executionArn), maxResults: 1000 }),
  );
  const history = (await Promise.all(histories)).flatMap(({ events }) => events as Shape[]);
  const bodies = replies.map(({ body: { token: _token, ...body } }) => body);
  // The runtime's events contain every log line of every function and every event on the bus.
  const told = JSON.stringify([world.happened.slice(cast.since), bodies, history.map(withoutParameters)]);
  const participantTokens = replies.flatMap(({ body: { token } }) =>
    typeof token === "string" ? [token] : [],
  );
  const secrets = phones.flatMap(({ deviceToken, accessToken }) => [deviceToken, accessToken]);
  for (const secret of [...secrets, ...participantTokens, ...cast.taskTokens])
    expect(told.includes(secret), `${secret.slice(0, 24)}… got out`).toBe(false);
  expect(told).not.toMatch(/eyJ[\w-]{10,}\.|PRIVATE KEY/);
}

/** AWS itself writes a wait's arguments, the task token among them, into TaskScheduled. */
function withoutParameters(event: Shape): Shape {
  if (event["type"] !== "TaskScheduled") return event;
  const { parameters: _parameters, ...rest } = event["taskScheduledEventDetails"] as Shape;
  return { ...event, taskScheduledEventDetails: rest };
}

/** No client stays busy: the same two can call each other at once, and that call ends too when it is hung up. */
async function expectNextCall({ world, phones }: Cast, callId: string): Promise<void> {
  const [caller, callee] = phones;
  if (!caller || !callee) throw new Error("it takes two to call");
  // After hours an access token has expired, and a dead device token may have been removed.
  world.runtime.pinpoint.setOutcome(callee.deviceToken, "SUCCESSFUL");
  const { deviceToken, clientId } = callee;
  const again = await world.phone(caller.owner, {
    deviceToken: caller.deviceToken,
    clientId: caller.clientId,
  });
  await world.phone(callee.owner, { deviceToken, clientId });
  const reply = await again.send({ action: "initiateCall", callerId: again.clientId, calleeId: clientId });
  expect(reply).toMatchObject({ status: 200, body: { status: "calling" } });
  const next = String(reply.body["callId"]);
  expect(next).not.toBe(callId);
  await again.send({ action: "endCall", clientId: again.clientId, callId: next });
  expect(await world.ended(next)).toBe("SUCCEEDED");
}
