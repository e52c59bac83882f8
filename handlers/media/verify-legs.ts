/**
 * Checks the rooms of calls whose legs may be gone, and ends a leg that two checks did not find. If a check finds participants
 * whose part is over, it lists them for removal.
 *
 * The media provider sets how fast its rooms may be checked: how many runs of this function the queue's event source allows
 * at once, and the pace of each. Other calls wait in the queue: their check comes later, with the same result.
 */
import type { CallId } from "../../calls/ids.ts";
import { RECHECK_SECONDS } from "../../calls/limits.ts";
import {
  needsCheck,
  checkDueInMs,
  hasDoubts,
  type Hint,
  applyCheck,
  type KnownCall,
  type RoomCheck,
} from "../../calls/presence.ts";
import type { Doubts, Wakes } from "./hint-queues.ts";
import type { RoomChecks } from "./port.ts";
import type { PresenceStore } from "../store/presence-store.ts";
import type { RemovalStore } from "../store/removal-store.ts";
import { type CallChanging, changeKnownCall } from "../call/change-call.ts";
import { type RuntimeInputs, logger } from "../edge/handler.ts";
import type { Message } from "../edge/message-batch.ts";
import { byCheck, listRemovals, wakeRemover } from "./want-removals.ts";

/** Leaves room to finish before the function's timeout of 30 s, even if the last check takes all its time. */
const RUN_MS = 15_000;

export interface VerifyLegs extends CallChanging {
  readonly presence: Pick<PresenceStore, "known">;
  readonly removals: Pick<RemovalStore, "replace">;
  readonly wakes: Wakes;
  readonly checks: RoomChecks;
  readonly doubts: Doubts;
  readonly edge: RuntimeInputs;
}

type Outcome = "settled" | "there" | "doubted" | "dropped" | "too early" | "throttled";

/** The messages that go back to the queue, and the number of calls for each outcome. */
export async function verifyLegs(
  tools: VerifyLegs,
  messages: readonly Message<Hint>[],
): Promise<{ failed: string[]; outcomes: Record<string, number> }> {
  const untilMs = tools.edge.now() + RUN_MS;
  const failed: string[] = [];
  const outcomes: Record<string, number> = {};
  let throttled = false;
  for (const [callId, ofCall] of byCall(messages)) {
    const giveBack = (): void => void failed.push(...ofCall.map(({ messageId }) => messageId));
    if (throttled || tools.edge.now() >= untilMs) {
      giveBack();
      continue;
    }
    try {
      const hints = ofCall.map(({ body }) => body);
      const outcome = await verifyCall(tools, callId, hints);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      // Other requests use up the quota: more requests would only prolong the throttling.
      throttled = outcome === "throttled";
      if (throttled) giveBack();
    } catch (error) {
      logger.error("legs not verified", { callId, error: error as Error });
      giveBack();
    }
  }
  return { failed, outcomes };
}

/** One check serves all legs of a call, however many hints there are. */
async function verifyCall(tools: VerifyLegs, callId: CallId, hints: readonly Hint[]): Promise<Outcome> {
  const { presence, checks, edge } = tools;
  const known = await presence.known(callId);
  const open = known ? hints.filter((hint) => needsCheck(hint, known, edge.now())) : [];
  if (!known?.call.stage || open.length === 0) return "settled";
  const ripensInMs = checkDueInMs(known, edge.now());
  // A check for an expired token need not wait: it does not judge the other legs.
  if (ripensInMs > 0 && !open.some(({ kind }) => kind === "expired")) {
    await tools.doubts.send(open, Math.ceil(ripensInMs / 1000));
    return "too early";
  }
  const listed = checkOfList(known, open);
  if (listed) return conclude(tools, known, listed);
  try {
    const atMs = edge.now();
    const connected = await checks.connected(known.call.stage);
    if (connected === "throttled") return connected;
    if (await listRemovals(tools, known, byCheck(connected), edge.now())) await wakeRemover(tools.wakes);
    return await conclude(tools, known, { atMs, connected });
  } finally {
    await edge.pause(checks.paceMs);
  }
}

/** A room listed without a session counts as the check that doubts a leg, never as the check that ends it. */
function checkOfList(known: KnownCall, hints: readonly Hint[]): RoomCheck | undefined {
  const listed = hints.find((hint) => hint.kind === "no_session");
  return listed && !hasDoubts(known) ? { atMs: listed.atMs, connected: [] } : undefined;
}

async function conclude(
  tools: VerifyLegs,
  { call, sightings }: KnownCall,
  check: RoomCheck,
): Promise<Outcome> {
  const { callId } = call;
  const decision = await changeKnownCall(tools, callId, applyCheck(check, sightings), tools.edge.now());
  const doubted = hasDoubts({ call: decision.call, sightings });
  if (doubted) await tools.doubts.send([{ kind: "doubted", callId }], RECHECK_SECONDS);
  // Doubts publish nothing: only a dropped leg has events.
  const dropped = decision.kind === "changed" && decision.events.length > 0;
  const outcome = dropped ? "dropped" : doubted ? "doubted" : "there";
  if (outcome !== "there") logger.info(outcome, { callId });
  return outcome;
}

function byCall(messages: readonly Message<Hint>[]): Map<CallId, Message<Hint>[]> {
  const calls = new Map<CallId, Message<Hint>[]>();
  for (const message of messages) {
    calls.set(message.body.callId, [...(calls.get(message.body.callId) ?? []), message]);
  }
  return calls;
}
