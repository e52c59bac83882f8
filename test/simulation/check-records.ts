/** Y1 to Y4 at every write of a call's record. */
import { type Call, isHeldBy, isOver, type Leg, legNumbers, legOf } from "../../calls/call.ts";
import { participantOf } from "../../calls/ids.ts";
import type { EndReason } from "../../events/end-reason.ts";
import { type Checking, hasAsked, type OpenChecker } from "./checking.ts";
import type { Item } from "./expressions.ts";
import { callsOf, isCallRow } from "./stored.ts";

/** What a wait writes, and what the sweep needs: the version stays. */
const UNVERSIONED = new Set(["taskToken", "waitTurn", "waitsFor", "sweepAtMs", "openShard"]);
/** Clocks and requests under way. */
const SLACK_MS = 1_000;
/** A connection that the stage check may not have seen: it began after the check. */
const JUST_JOINED_MS = 10_000;

export const checkRecords: OpenChecker = (checking) => {
  const held = new Map<string, Map<string, Call>>();
  return {
    onWrite({ before, after }) {
      const row = after ?? before;
      if (!row || !isCallRow(row)) return;
      const [was, is] = [before, after] as unknown as readonly [Call | undefined, Call | undefined];
      if (!is) return checking.report("Y1", "the record was deleted", was?.callId);
      if (was) {
        checkVersion(checking, before as Item, after as Item);
        checkEndStays(checking, was, is);
        checkDevices(checking, was, is);
      }
      if (isOver(is) && (!was || !isOver(was))) checkReason(checking, was, is);
      checkOneCall(checking, held, is);
    },
    conclude() {
      for (const call of callsOf(checking.stack)) checkAnswers(checking, call);
    },
  };
};

function checkVersion({ report }: Checking, before: Item, after: Item): void {
  const callId = String(after["callId"]);
  const rise = Number(after["version"]) - Number(before["version"]);
  if (Number(after["turn"]) < Number(before["turn"])) report("Y1", "the turn fell", callId);
  if (rise === 1) return;
  if (rise !== 0) return report("Y1", `the version rose by ${rise}`, callId);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]) && !UNVERSIONED.has(name),
  );
  if (changed.length > 0) report("Y1", `${changed.join(", ")} changed under one version`, callId);
}

function checkEndStays({ report }: Checking, was: Call, is: Call): void {
  if (!isOver(was)) return;
  const { callId } = is;
  if (!isOver(is)) report("Y1", `an ended call is ${is.status} again`, callId);
  if (was.endReason !== is.endReason) report("Y1", `it ended ${was.endReason}, then ${is.endReason}`, callId);
  if (was.endedAtMs !== is.endedAtMs) report("Y1", "the time of its end changed", callId);
}

function checkDevices({ report, asked }: Checking, was: Call, is: Call): void {
  for (const number of legNumbers(was)) {
    const [before, after] = [legOf(was, number), legOf(is, number)];
    const stays = before.status === "joined" && after.status === "joined";
    if (!stays || before.deviceId === undefined || before.deviceId === after.deviceId) continue;
    const took = asked.some(
      ({ act, callId, deviceId }) =>
        act === "take over" && callId === is.callId && deviceId === after.deviceId,
    );
    if (!took) report("Y3", `leg ${number} went from ${before.deviceId} to ${after.deviceId}`, is.callId);
  }
}

/** Of the devices of a leg that never left before the end, one was told that it has answered. */
function checkAnswers({ report, asked }: Checking, call: Call): void {
  for (const number of legNumbers(call)) {
    const { clientId, tokensOver = 0, tokenCount } = legOf(call, number);
    // A part that is over, and a later one: the devices may differ.
    const wasOnePart = tokensOver === 0 || tokensOver === tokenCount;
    const moved = asked.some(
      ({ act, callId }) =>
        callId === call.callId && (act === "take over" || act === "add" || act === "rejoin"),
    );
    if (!wasOnePart || moved) continue;
    const answered = asked.filter(
      (one) =>
        one.act === "answer" &&
        one.callId === call.callId &&
        one.clientId === clientId &&
        one.reply?.status === 200,
    );
    const devices = new Set(answered.map(({ deviceId }) => deviceId));
    if (devices.size > 1)
      report("Y3", `${[...devices].join(" and ")} both answered leg ${number}`, call.callId);
  }
}

function checkReason(checking: Checking, was: Call | undefined, is: Call): void {
  const { endReason } = is;
  if (endReason === undefined) return checking.report("Y2", "it ended without a reason", is.callId);
  if (!JUSTIFIED[endReason]({ checking, was, is })) {
    checking.report("Y2", `nothing justifies the end ${endReason}`, is.callId);
  }
}

interface End {
  readonly checking: Checking;
  readonly was: Call | undefined;
  readonly is: Call;
}

const legsOfEnd = ({ is }: End): Leg[] => legNumbers(is).map((number) => legOf(is, number));
/** Somebody of these legs asked to hang up or to decline. */
const asksToEnd = ({ checking, is: { callId } }: End, legs: readonly Leg[]): boolean =>
  legs.some(({ clientId }) => hasAsked(checking, ["end", "end any", "decline"], { callId, clientId }));
const ofRole = (end: End, role: Leg["role"]): Leg[] => legsOfEnd(end).filter((leg) => leg.role === role);
const now = ({ checking: { stack } }: End): number => stack.time.now();
const unanswered = ({ is }: End): boolean => is.answeredAtMs === undefined;

const JUSTIFIED: Readonly<Record<EndReason, (end: End) => boolean>> = {
  declined: (end) =>
    unanswered(end) &&
    ofRole(end, "callee").some(({ leftReason }) => leftReason === "declined") &&
    asksToEnd(end, ofRole(end, "callee")),
  cancelled: (end) => unanswered(end) && asksToEnd(end, ofRole(end, "caller")),
  missed: (end) =>
    unanswered(end) && ofRole(end, "callee").some(({ ringUntilMs }) => now(end) >= ringUntilMs - SLACK_MS),
  completed: (end) => !unanswered(end) && (asksToEnd(end, legsOfEnd(end)) || lastRingIsOver(end)),
  busy: (end) =>
    end.was === undefined || ofRole(end, "callee").some(({ leftReason }) => leftReason === "busy"),
  unreachable: (end) =>
    unanswered(end) && ofRole(end, "callee").some(({ leftReason }) => leftReason === "unreachable"),
  dropped: (end) =>
    !unanswered(end) && legsOfEnd(end).some((leg) => leg.leftReason === "dropped" && isAway(end, leg)),
  removed: ({ checking, is: { callId } }) => hasAsked(checking, ["operator removes"], { callId }),
  ended_by_operator: ({ checking, is: { callId } }) => hasAsked(checking, ["operator ends"], { callId }),
  expired: (end) => !unanswered(end) && now(end) >= (end.was?.deadlineMs ?? 0) - SLACK_MS,
  failed: ({ checking }) => !checking.awsWorks,
};

/** One leg was left, and those that still rang have not answered. */
const lastRingIsOver = (end: End): boolean =>
  legsOfEnd(end).some(({ leftReason }) => leftReason !== undefined && leftReason !== "completed");

/** Its phone is not on the stage, or has been there for a moment only. */
function isAway({ checking: { stack }, is }: End, leg: Leg): boolean {
  const number = legNumbers(is).find((one) => legOf(is, one) === leg);
  const arn = is.stage ? String((is.stage as { arn?: unknown }).arn) : "";
  return !stack.ivs
    .connected(arn)
    .some(
      ({ participantId, sinceMs }) =>
        participantOf(participantId)?.leg === number && sinceMs < stack.time.now() - JUST_JOINED_MS,
    );
}

function checkOneCall({ report, stack }: Checking, held: Map<string, Map<string, Call>>, is: Call): void {
  for (const { clientId, silenced } of legNumbers(is).map((number) => legOf(is, number))) {
    const calls = held.get(clientId) ?? new Map<string, Call>();
    held.set(clientId, calls);
    const takesPart = !isOver(is) && isHeldBy(is, clientId) && silenced === undefined;
    if (takesPart) calls.set(is.callId, is);
    else calls.delete(is.callId);
    if (!takesPart) continue;
    const living = [...calls.values()].filter(({ deadlineMs }) => stack.time.now() < deadlineMs);
    if (living.length > 1) {
      report("Y4", `client ${clientId} is in ${living.map(({ callId }) => callId).join(" and ")}`, is.callId);
    }
  }
}
