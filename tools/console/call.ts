/** `calls/<callId>`: the item, its executions with their histories, and what the bus carried about it. */
import { type Call, type Leg, legNumbers, legOf } from "../../calls/call.ts";
import { callIdSchema } from "../../calls/ids.ts";
import { executionArnOf, executionView } from "./execution.ts";
import { eventsLogged, merged, termPattern } from "./event-log.ts";
import type { Reading } from "./reading.ts";
import { partiesOf, storedCall } from "./stored-calls.ts";
import { ViewProblem } from "./view-problem.ts";
import type { BusEvent, CallView, ExecutionView, StoredCall, StoredLeg } from "./views.ts";

/** The sweep starts no more repairs of one call. */
const MOST_REPAIRS = 3;
/** Clocks differ, and the log is a moment behind. */
const SLACK_MS = 60_000;
/** After the end of a call the workflow still cleans up, and publishes. */
const AFTERMATH_MS = 3_600_000;

export async function readCall(reading: Reading, id: string): Promise<CallView> {
  const callId = callIdSchema.safeParse(id);
  if (!callId.success) throw noSuchCall(id);
  const [call, executions] = await Promise.all([
    storedCall(reading, callId.data),
    executionsOf(reading, callId.data),
  ]);
  if (!call && executions.length === 0) throw noSuchCall(id);
  const [parties, events] = await Promise.all([
    call ? partiesOf(reading, call) : [],
    eventsOf(reading, id, timesOf(call, executions)),
  ]);
  return { ...(call && { call: withoutTokens(call) }), parties, executions, events };
}

const noSuchCall = (id: string): ViewProblem =>
  new ViewProblem(404, "There is no such call", `call ${id} is not stored and has no execution`);

async function executionsOf(reading: Reading, callId: string): Promise<ExecutionView[]> {
  const found: ExecutionView[] = [];
  for (let repair = 0; repair <= MOST_REPAIRS; repair += 1) {
    const name = repair === 0 ? callId : `${callId}-repair-${repair}`;
    const view = await executionView(reading, executionArnOf(reading.stack.callWorkflowArn, name));
    if (!view) break;
    found.unshift(view);
  }
  return found;
}

interface Times {
  readonly fromMs: number;
  readonly untilMs?: number;
}

function timesOf(call: Call | undefined, executions: readonly ExecutionView[]): Times {
  const fromMs = (call?.createdAtMs ?? executions.at(-1)?.startedAtMs ?? 0) - SLACK_MS;
  const stoppedAtMs = executions.at(0)?.stoppedAtMs;
  const endedAtMs = call?.cleanedUpAtMs ?? stoppedAtMs;
  return { fromMs, ...(endedAtMs !== undefined && { untilMs: endedAtMs + AFTERMATH_MS }) };
}

/** The first read takes all of it, a later one only what may be new. */
async function eventsOf(
  reading: Reading,
  callId: string,
  { fromMs, untilMs = Number.POSITIVE_INFINITY }: Times,
): Promise<readonly BusEvent[]> {
  const { memory, now } = reading;
  const key = `call ${callId}`;
  const known = memory.events.get(key);
  if (known && known.untilMs > untilMs) return known.events;
  const nowMs = now();
  const start = known ? known.untilMs - SLACK_MS : fromMs;
  const look = {
    pattern: termPattern(callId),
    fromMs: start,
    ...(Number.isFinite(untilMs) && { untilMs }),
  };
  const events = merged(known?.events ?? [], await eventsLogged(reading, look));
  memory.events.set(key, { events, untilMs: nowMs });
  return events;
}

function withoutTokens(call: Call): StoredCall {
  const { stage, taskToken: _token, legs: _legs, removedSubs: _removed, operatorActs, ...rest } = call;
  const legs = legNumbers(call).map((number) => [number, withoutSignIns(withoutOwner(legOf(call, number)))]);
  return {
    ...rest,
    ...(operatorActs && { operatorActs: operatorActs.map(withoutOwner) }),
    // Numbers as keys are texts in JSON; each value is a leg without its owner.
    legs: Object.fromEntries(legs) as StoredCall["legs"],
    ...(stage && { stageId: stage.stageId }),
  };
}

const withoutSignIns = ({ signIn: _one, signIns: _all, ...rest }: Omit<Leg, "sub">): StoredLeg => rest;

function withoutOwner<Owned extends { sub: string }>({ sub: _sub, ...rest }: Owned): Omit<Owned, "sub"> {
  return rest;
}
