/** The commands that join an existing call: answer, also late, and rejoin. */
import { type Call, isLiving, isRemoved, legOf } from "../../calls/call.ts";
import type { InputOf, ReplyOf } from "../../api/commands.ts";
import type { CallId } from "../../calls/ids.ts";
import { Problem } from "../../api/problems.ts";
import { answer, rejoin, takeOver } from "../../calls/answering.ts";
import { renewToken } from "../../calls/participant-tokens.ts";
import type { Decision, Rule } from "../../calls/rules.ts";
import { callView } from "../../api/call-view.ts";
import { changeCall } from "../call/change-call.ts";
import { count, logger } from "../edge/handler.ts";
import { askingPhone, assertWithPhone, unlessElsewhere } from "./phones.ts";
import {
  calleeLeg,
  changeCallOf,
  granted,
  ownLeg,
  type Person,
  tokenOf,
  type CommandContext,
} from "./command-context.ts";

interface Joining {
  readonly callId: CallId;
  readonly leg: number;
  readonly rule: Rule;
}
type JoinReply = ReplyOf<"answerCall">;

/** Changes the call by a rule that gives the leg a token, and signs the token. */
export async function joinBy(
  context: CommandContext,
  person: Person,
  { callId, leg, rule }: Joining,
): Promise<JoinReply> {
  logger.appendKeys({ callId });
  const { call } = await changeCallOf(context, callId, () => rule);
  return joinReply(context, person, call, leg);
}

async function joinReply(
  context: CommandContext,
  person: Person,
  call: Call,
  leg: number,
): Promise<JoinReply> {
  const token = await tokenOf(context, call, leg);
  return { token: token.reveal(), ...callView(call, person) };
}

export async function answerCall(
  context: CommandContext,
  person: Person,
  input: InputOf<"answerCall">,
): Promise<JoinReply> {
  const { callId, clientId } = input;
  logger.appendKeys({ callId });
  const ready = context.tokens.ready();
  const { deviceId, signIn } = askingPhone(person, input);
  const legIn = (call: Call): number => calleeLeg(call, person, clientId, deviceId);
  const rule: Rule = (call, nowMs) => answer(legIn(call), deviceId, signIn)(call, nowMs);
  const [first] = await Promise.all([changeCall(context, callId, rule, context.edge.now()), ready]);
  if (!first) throw new Problem("no_such_call", `call ${callId} does not exist`);
  const leg = legIn(first.call);
  const late = first.kind === "over" && isLate(first.call, leg, context.edge.now());
  const back = rejoin(leg, deviceId, signIn);
  const decision = late ? await comeLate(context, callId, back, leg) : first;
  const { kind, call } = granted(decision);
  if (kind === "changed") count("CallsAnswered");
  return joinReply(context, person, call, leg);
}

/** Rare, and loaded only then. */
async function comeLate(...late: [CommandContext, CallId, Rule, number]): Promise<Decision> {
  const { enterAgain } = await import("./enter-call.ts");
  return enterAgain(...late);
}

/** They declined or their ring is over, but the others still talk. A client that was in the call and left it must rejoin. */
function isLate(call: Call, leg: number, nowMs: number): boolean {
  const { status, joinedAtMs } = legOf(call, leg);
  return isLiving(call, nowMs) && status === "left" && joinedAtMs === undefined;
}

/** Another token for a client that takes part, that left a call in which others talk on, or that moves to another phone. */
export async function rejoinCall(
  context: CommandContext,
  person: Person,
  { callId, clientId, deviceId, takeOver: takes = false }: InputOf<"rejoinCall">,
): Promise<JoinReply> {
  logger.appendKeys({ callId });
  const asking = askingPhone(person, { deviceId });

  const rule: Rule = (call, nowMs) => {
    const own = ownLeg(call, person, clientId, deviceId);
    if (isLiving(call, nowMs) && !isRemoved(call, person.sub)) assertInCall(call, own);
    if (takes) return takeOver(own, asking)(call, nowMs);
    assertWithPhone(call, own, asking, nowMs);
    return renewToken(own)(call, nowMs);
  };
  const changing = changeCall(context, callId, rule, context.edge.now());
  const first = await unlessElsewhere(context, changing, ON_ANOTHER_DEVICE);
  if (!first) throw new Problem("no_such_call", `call ${callId} does not exist`);
  const leg = ownLeg(first.call, person, clientId, deviceId);
  const left = first.kind === "over" && isLiving(first.call, context.edge.now());
  const back = rejoin(leg, asking.deviceId, asking.signIn);
  const decision = left ? await comeLate(context, callId, back, leg) : first;
  return joinReply(context, person, granted(decision).call, leg);
}

const ON_ANOTHER_DEVICE = {
  code: "on_another_device",
  expected: { field: "takeOver", message: "expected true from a phone that takes the call over" },
} as const;

/** A client that never answered cannot rejoin. */
function assertInCall(call: Call, leg: number): void {
  if (legOf(call, leg).joinedAtMs !== undefined) return;
  throw new Problem("not_in_call", `answer call ${call.callId} first`, { callId: call.callId });
}
