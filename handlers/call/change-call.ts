/** The one way a call changes after its admission: read, decide by a rule, write on condition, publish (W1). */
import type { Call } from "../../calls/call.ts";
import type { CallId } from "../../calls/ids.ts";
import { MAX_WRITE_ATTEMPTS } from "../../calls/limits.ts";
import type { Decision, Rule } from "../../calls/rules.ts";
import { announceAgain } from "../../calls/snapshot.ts";
import type { Announcement } from "../../events/event.ts";
import { caused } from "../edge/cause.ts";
import { Contention } from "../edge/contention.ts";

type Written = { readonly written: true } | { readonly written: false; readonly current: Call | undefined };

export interface CallStore {
  /** Reads consistently. */
  read(callId: CallId): Promise<Call | undefined>;
  /** Writes `next` only if the call is still `previous`; otherwise returns the call as it stands. */
  replace(previous: Call, next: Call): Promise<Written>;
}

export interface Publisher {
  /** Throws if any of the events was not accepted: failing to publish is a failure. */
  publish(events: readonly Announcement[]): Promise<void>;
}

export interface CallChanging {
  readonly calls: CallStore;
  readonly publisher: Publisher;
}

/** Undefined if there is no such call. If another write wins, the rule is applied to its result. */
export async function changeCall(
  tools: CallChanging,
  callId: CallId,
  rule: Rule,
  nowMs: number,
): Promise<Decision | undefined> {
  const call = await tools.calls.read(callId);
  const decision = call && (await writeChange(tools, call, rule, nowMs));
  if (decision) await publishDecision(tools, decision);
  return decision;
}

/** The same for a call that has just been read, up to publishing. Undefined if the call is gone by now. */
export async function writeChange(
  { calls }: Pick<CallChanging, "calls">,
  read: Call,
  rule: Rule,
  nowMs: number,
): Promise<Decision | undefined> {
  let call: Call | undefined = read;
  for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS && call; attempt += 1) {
    const decision: Decision = withCause(call, rule(call, nowMs));
    const outcome: Written | undefined =
      decision.kind === "changed" ? await calls.replace(call, decision.call) : undefined;
    if (outcome?.written !== false) return decision;
    call = outcome.current;
  }
  if (!call) return undefined;
  throw new Contention(`call ${read.callId} changed ${MAX_WRITE_ATTEMPTS} times while it was being written`);
}

export async function publishDecision(
  { publisher }: Pick<CallChanging, "publisher">,
  decision: Decision,
): Promise<void> {
  if ("events" in decision && decision.events.length > 0) await publisher.publish(decision.events);
}

/**
 * A version of a call, and its events, name the run that made it; a repeat names that run too. A change under the same version is
 * not visible outside, and leaves the name.
 */
export function withCause(before: Call, decision: Decision): Decision {
  if (decision.kind !== "changed" || decision.call.version === before.version) return decision;
  const events = decision.events.map(({ name, detail }) => ({ name, detail: { ...detail, ...caused() } }));
  return { ...decision, call: { ...decision.call, ...caused() }, events };
}

/** For callers that rely on the call's existence. */
export async function changeKnownCall(
  tools: CallChanging,
  callId: CallId,
  rule: Rule,
  nowMs: number,
): Promise<Decision> {
  const decision = await changeCall(tools, callId, rule, nowMs);
  if (!decision) throw new Error(`call ${callId} does not exist`);
  return decision;
}

interface Followed {
  readonly callId: CallId;
  /** The turn that the workflow has followed; without it, nothing is published again. */
  readonly turn: number | undefined;
}

/**
 * Reads a call for its workflow. No wake announced what it finds, so its events may be unpublished (W7). Writes what the rule
 * demands; a change publishes its own events, which hold the whole state by then.
 */
export async function changeOrAnnounce(
  tools: CallChanging,
  { callId, turn }: Followed,
  rule: Rule,
  nowMs: number,
): Promise<Decision> {
  const decision = await changeKnownCall(tools, callId, rule, nowMs);
  const isUnannounced = decision.kind === "already" && turn !== undefined && decision.call.turn > turn;
  if (isUnannounced) await tools.publisher.publish(announceAgain(decision.call));
  return decision;
}
