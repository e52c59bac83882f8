/** The commands by which somebody gets into a call that exists: answer, also late, and rejoin. */
import { type Call, isLiving, isRemoved, legOf } from "../../calls/call.ts";
import type { InputOf, ReplyOf } from "../../calls/commands.ts";
import type { CallId } from "../../calls/ids.ts";
import { Problem } from "../../calls/problems.ts";
import { answer, comeBack, type Decision, renewToken, type Rule } from "../../calls/rules.ts";
import { callView } from "../../calls/snapshot.ts";
import { changeCall } from "../change-call.ts";
import { count, logger } from "../handler.ts";
import { calleeLeg, changeCallOf, granted, ownLeg, type Person, tokenOf, type Tools } from "./tools.ts";

interface Joining {
  readonly callId: CallId;
  readonly leg: number;
  readonly rule: Rule;
}
type JoinReply = ReplyOf<"answerCall">;

/** Changes the call by a rule that gives the leg a token, and signs that. */
export async function joinBy(
  tools: Tools,
  person: Person,
  { callId, leg, rule }: Joining,
): Promise<JoinReply> {
  logger.appendKeys({ callId });
  const { call } = await changeCallOf(tools, callId, () => rule);
  return joinReply(tools, person, call, leg);
}

async function joinReply(tools: Tools, person: Person, call: Call, leg: number): Promise<JoinReply> {
  const token = await tokenOf(tools, call, leg);
  return { token: token.reveal(), ...callView(call, person) };
}

export async function answerCall(
  tools: Tools,
  person: Person,
  { callId, clientId, deviceId }: InputOf<"answerCall">,
): Promise<JoinReply> {
  logger.appendKeys({ callId });
  const ready = tools.tokens.ready();
  const rule: Rule = (call, nowMs) => answer(calleeLeg(call, person, clientId), deviceId)(call, nowMs);
  const [first] = await Promise.all([changeCall(tools, callId, rule, tools.edge.now()), ready]);
  if (!first) throw new Problem("no_such_call", `call ${callId} does not exist`);
  const leg = calleeLeg(first.call, person, clientId);
  const late = first.kind === "over" && isLate(first.call, leg, tools.edge.now());
  const decision = late ? await comeLate(tools, callId, comeBack(leg, deviceId), leg) : first;
  const { kind, call } = granted(decision);
  if (kind === "changed") count("CallsAnswered");
  return joinReply(tools, person, call, leg);
}

/** Rare, and loaded only then. */
async function comeLate(...late: [Tools, CallId, Rule, number]): Promise<Decision> {
  const { enterAgain } = await import("./enter-call.ts");
  return enterAgain(...late);
}

/** They said no or their ring is over, but the others still talk. Who was in the call and left it has to rejoin. */
function isLate(call: Call, leg: number, nowMs: number): boolean {
  const { status, joinedAtMs } = legOf(call, leg);
  return isLiving(call, nowMs) && status === "left" && joinedAtMs === undefined;
}

/** While one takes part: another token. Also for who left a call in which others talk on. */
export async function rejoinCall(
  tools: Tools,
  person: Person,
  { callId, clientId, deviceId }: InputOf<"rejoinCall">,
): Promise<JoinReply> {
  logger.appendKeys({ callId });
  const rule: Rule = (call, nowMs) => {
    const own = ownLeg(call, person, clientId);
    if (isLiving(call, nowMs) && !isRemoved(call, person.sub)) assertInCall(call, own);
    return renewToken(own)(call, nowMs);
  };
  const first = await changeCall(tools, callId, rule, tools.edge.now());
  if (!first) throw new Problem("no_such_call", `call ${callId} does not exist`);
  const leg = ownLeg(first.call, person, clientId);
  const left = first.kind === "over" && isLiving(first.call, tools.edge.now());
  const decision = left ? await comeLate(tools, callId, comeBack(leg, deviceId), leg) : first;
  return joinReply(tools, person, granted(decision).call, leg);
}

/** Whoever never answered has nothing to come back to. */
function assertInCall(call: Call, leg: number): void {
  if (legOf(call, leg).joinedAtMs !== undefined) return;
  throw new Problem("not_in_call", `answer call ${call.callId} first`, { callId: call.callId });
}
