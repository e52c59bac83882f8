/** The commands of a call that exists: answer, decline, ring, hang up, read. */
import { type Call, isOver, legOfPerson } from "../../calls/call.ts";
import type { InputOf, ReplyOf } from "../../calls/commands.ts";
import { Problem } from "../../calls/problems.ts";
import { answer, decline, endLeg, ring } from "../../calls/rules.ts";
import { callView } from "../../calls/snapshot.ts";
import { changeCall } from "../change-call.ts";
import { count, logger } from "../handler.ts";
import { changeCallOf, existingCall, ownClient, type Person, type Tools } from "./tools.ts";

type InCall = InputOf<"answerCall">;

/** The leg of the callee that this person may act for. */
function calleeLeg(call: Call, { sub }: Person, clientId?: string): number {
  const leg = legOfPerson(call, sub, clientId);
  if (leg !== undefined && call.legs[leg]?.role === "callee") return leg;
  throw new Problem("not_your_call", `you are not called in call ${call.callId}`, { callId: call.callId });
}

export async function answerCall(
  tools: Tools,
  person: Person,
  input: InCall,
): Promise<ReplyOf<"answerCall">> {
  logger.appendKeys({ callId: input.callId });
  const ready = tools.tokens.ready(tools.edge.now());
  const [{ call, kind }] = await Promise.all([
    changeCallOf(tools, input.callId, (found) =>
      answer(calleeLeg(found, person, input.clientId), input.deviceId),
    ),
    ready,
  ]);
  const token = await tools.tokens.sign(call, calleeLeg(call, person, input.clientId), tools.edge.now());
  if (kind === "changed") count("CallsAnswered");
  return { token: token.reveal(), ...callView(call) };
}

export async function declineCall(
  tools: Tools,
  person: Person,
  input: InCall,
): Promise<ReplyOf<"declineCall">> {
  logger.appendKeys({ callId: input.callId });
  const { call } = await changeCallOf(tools, input.callId, (found) =>
    decline(calleeLeg(found, person, input.clientId), input.deviceId),
  );
  return callView(call);
}

export async function ackRinging(
  tools: Tools,
  person: Person,
  input: InCall,
): Promise<ReplyOf<"ackRinging">> {
  logger.appendKeys({ callId: input.callId });
  const { call } = await changeCallOf(tools, input.callId, (found) =>
    ring(calleeLeg(found, person, input.clientId), input.deviceId),
  );
  return callView(call);
}

/** Without `callId`: the call that the client is in, if it is in one. */
export async function endCall(
  tools: Tools,
  person: Person,
  { clientId, callId }: InputOf<"endCall">,
): Promise<ReplyOf<"endCall">> {
  const client = await ownClient(tools, person, clientId);
  const meant = callId ?? client.activeCallId;
  if (!meant) return { ended: false };
  logger.appendKeys({ callId: meant });
  const decision = await changeCall(
    tools,
    meant,
    (call, nowMs) => endLeg(ownLeg(call, person, clientId))(call, nowMs),
    tools.edge.now(),
  );
  if (!decision && callId) throw new Problem("no_such_call", `call ${callId} does not exist`);
  if (!decision) return { ended: false };
  const { call } = decision;
  return { ended: isOver(call), callId: call.callId, ...(call.endReason && { endReason: call.endReason }) };
}

function ownLeg(call: Call, { sub }: Person, clientId: string): number {
  const leg = legOfPerson(call, sub, clientId);
  if (leg !== undefined) return leg;
  throw new Problem("not_your_call", `client ${clientId} has no part in call ${call.callId}`, {
    callId: call.callId,
  });
}

export async function getCall(
  tools: Tools,
  person: Person,
  { callId }: InputOf<"getCall">,
): Promise<ReplyOf<"getCall">> {
  const call = await existingCall(tools, callId);
  if (!person.operator && legOfPerson(call, person.sub) === undefined) {
    throw new Problem("not_your_call", `you have no part in call ${callId}`, { callId });
  }
  return callView(call);
}
