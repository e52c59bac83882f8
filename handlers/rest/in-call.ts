/** The commands of a call that exists: decline, ring, hang up, read. */
import type { ActingPhone } from "../../calls/acting-phone.ts";
import { type Call, legOf, legOfClient, legOfPerson } from "../../calls/call.ts";
import type { InputOf, ReplyOf } from "../../api/commands.ts";
import type { ClientId } from "../../calls/ids.ts";
import { Problem } from "../../api/problems.ts";
import { endForEverybody, removePerson } from "../../calls/operators.ts";
import { ring } from "../../calls/answering.ts";
import { decline, endLeg } from "../../calls/ending.ts";
import type { Rule } from "../../calls/rules.ts";
import { callView } from "../../api/call-view.ts";
import { changeCall } from "../call/change-call.ts";
import { logger } from "../edge/handler.ts";
import { askingPhone, assertWithPhone, unlessElsewhere } from "./phones.ts";
import {
  calleeLeg,
  changeCallOf,
  existingCall,
  ownClient,
  ownLeg,
  type Person,
  type CommandContext,
} from "./command-context.ts";

type InCall = InputOf<"answerCall">;

export async function declineCall(
  context: CommandContext,
  person: Person,
  input: InCall,
): Promise<ReplyOf<"declineCall">> {
  logger.appendKeys({ callId: input.callId });
  const { deviceId, signIn } = askingPhone(person, input);
  const { call } = await changeCallOf(context, input.callId, (found) =>
    decline(calleeLeg(found, person, input.clientId, deviceId), deviceId, signIn),
  );
  return callView(call, person);
}

export async function ackRinging(
  context: CommandContext,
  person: Person,
  input: InCall,
): Promise<ReplyOf<"ackRinging">> {
  logger.appendKeys({ callId: input.callId });
  const { call } = await changeCallOf(context, input.callId, (found) =>
    ring(calleeLeg(found, person, input.clientId, input.deviceId), input.deviceId, person.signIn),
  );
  return callView(call, person);
}

/** Without `callId`: the client's present call, if any. Operators always name the call. */
export async function endCall(
  context: CommandContext,
  person: Person,
  { clientId, callId, deviceId, everyone = false }: InputOf<"endCall">,
): Promise<ReplyOf<"endCall">> {
  if (everyone && !person.operator)
    throw new Problem("operators_only", "only operators hang up for everyone");
  const { calls, publisher, edge } = context;
  const client = person.operator && callId ? undefined : ownClient(context, person, clientId);
  const meant = callId ?? (await client)?.activeCallId;
  if (!meant) return { ended: false };
  logger.appendKeys({ callId: meant });
  const asking = askingPhone(person, { deviceId });
  const rule: Rule = (call, nowMs) => {
    const leg = legToEnd(call, person, clientId);
    if (!callId) assertWithPhone(call, leg, asking, nowMs);
    return ruleOfEnd(call, person, { leg, asking, everyone })(call, nowMs);
  };
  // Reads the client's owner in parallel: nothing is decided before that is known.
  const read: typeof calls.read = async (id) => (await Promise.all([calls.read(id), client]))[0];
  const changing = changeCall({ calls: { ...calls, read }, publisher }, meant, rule, edge.now());
  const decision = await unlessElsewhere(context, changing, ON_ANOTHER_DEVICE);
  if (!decision && callId) throw new Problem("no_such_call", `call ${callId} does not exist`);
  if (!decision) return { ended: false };
  const { call } = decision;
  // In a group only the client's own part ends; the others may talk on.
  const { status, leftReason } = legOf(call, legToEnd(call, person, clientId));
  const endReason = everyone ? call.endReason : leftReason;
  return { ended: status === "left", callId: call.callId, ...(endReason && { endReason }) };
}

const ON_ANOTHER_DEVICE = {
  code: "on_another_device",
  expected: { field: "callId", message: "expected from a phone that is not in the call itself" },
} as const;

/** A person hangs up for themselves. An operator who ends another person's part is recorded. */
function ruleOfEnd(call: Call, person: Person, { leg, asking, everyone }: Ending): Rule {
  if (everyone) return endForEverybody(person);
  if (legOf(call, leg).sub !== person.sub) return removePerson(leg, person);
  return endLeg(leg, asking.deviceId, asking.signIn);
}

interface Ending {
  readonly leg: number;
  readonly asking: ActingPhone;
  readonly everyone: boolean;
}

/** An operator may name any client in the call, even one whose phones were kept silent. */
function legToEnd(call: Call, person: Person, clientId: ClientId): number {
  const leg = person.operator ? legOfClient(call, clientId) : undefined;
  return leg ?? ownLeg(call, person, clientId);
}

export async function getCall(
  context: CommandContext,
  person: Person,
  { callId }: InputOf<"getCall">,
): Promise<ReplyOf<"getCall">> {
  const call = await existingCall(context, callId);
  if (!person.operator && legOfPerson(call, person.sub) === undefined) {
    throw new Problem("not_your_call", `you have no part in call ${callId}`, { callId });
  }
  return callView(call, person);
}
