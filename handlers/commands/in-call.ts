/** The commands of a call that exists: decline, ring, hang up, read. */
import { legOf, legOfPerson } from "../../calls/call.ts";
import type { InputOf, ReplyOf } from "../../calls/commands.ts";
import { Problem } from "../../calls/problems.ts";
import { decline, endLeg, ring } from "../../calls/rules.ts";
import { callView } from "../../calls/snapshot.ts";
import { changeCall } from "../change-call.ts";
import { logger } from "../handler.ts";
import {
  calleeLeg,
  changeCallOf,
  existingCall,
  ownClient,
  ownLeg,
  type Person,
  type Tools,
} from "./tools.ts";

type InCall = InputOf<"answerCall">;

export async function declineCall(
  tools: Tools,
  person: Person,
  input: InCall,
): Promise<ReplyOf<"declineCall">> {
  logger.appendKeys({ callId: input.callId });
  const { call } = await changeCallOf(tools, input.callId, (found) =>
    decline(calleeLeg(found, person, input.clientId), input.deviceId),
  );
  return callView(call, person);
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
  return callView(call, person);
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
  // In a group, the client's own part is over, and the others may talk on.
  const { status, leftReason } = legOf(call, ownLeg(call, person, clientId));
  return { ended: status === "left", callId: call.callId, ...(leftReason && { endReason: leftReason }) };
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
  return callView(call, person);
}
