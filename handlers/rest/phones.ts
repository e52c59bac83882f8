/** Which of a client's phones asks, and what it hears if another one is in the call (calls/acting-phone.ts). */
import { type ActingPhone, isSamePhone, registeredPhone } from "../../calls/acting-phone.ts";
import { actingDevice, type Call, isLiving, legOf } from "../../calls/call.ts";
import type { ClientId, DeviceId } from "../../calls/ids.ts";
import { type FieldError, invalidRequest, Problem, type ProblemCode } from "../../api/problems.ts";
import {
  calleeLeg,
  type CommandHandler,
  existingCall,
  type Person,
  type CommandContext,
} from "./command-context.ts";

interface Asking {
  readonly deviceId?: DeviceId | undefined;
}

/** As it names itself, and by its sign-in. */
export const askingPhone = ({ signIn }: Person, { deviceId }: Asking): ActingPhone => ({ deviceId, signIn });

/** A phone that does not name itself is the one that registered with its sign-in. */
export async function registered(
  context: CommandContext,
  asking: ActingPhone,
  clientId: ClientId,
): Promise<ActingPhone> {
  const { deviceId, signIn } = asking;
  if (deviceId || !signIn) return asking;
  return { deviceId: registeredPhone(await context.clients.devices(clientId), signIn), signIn };
}

/** Of phones that cannot be told apart, each would be given the call. One that is over is refused as ever. */
export const fromKnownPhone =
  (handle: CommandHandler<"answerCall">): CommandHandler<"answerCall"> =>
  async (context, person, input) => {
    const { deviceId, signIn } = askingPhone(person, input);
    if (deviceId || signIn) return handle(context, person, input);
    const call = await existingCall(context, input.callId);
    calleeLeg(call, person, input.clientId);
    if (!isLiving(call, context.edge.now())) return handle(context, person, input);
    const message = "expected, because the access token does not say which sign-in it is of";
    throw invalidRequest([{ field: "deviceId", message }]);
  };

/** Thrown by a rule, which cannot look up what the phone is called. */
class HeldElsewhere extends Error {
  readonly call: Call;
  readonly leg: number;

  constructor(call: Call, leg: number) {
    super(`another phone has leg ${leg} of call ${call.callId}`);
    this.call = call;
    this.leg = leg;
  }
}

/** The leg is this phone's, or no phone's yet. A call that is over is for the command itself to refuse. */
export function assertWithPhone(call: Call, leg: number, asking: ActingPhone, nowMs: number): void {
  const acting = legOf(call, leg);
  if (!isLiving(call, nowMs) || acting.status !== "joined" || isSamePhone(acting, asking)) return;
  throw new HeldElsewhere(call, leg);
}

interface Elsewhere {
  readonly code: Extract<ProblemCode, "caller_in_call" | "on_another_device">;
  /** What the request would have needed. */
  readonly expected?: FieldError;
}

/** If another phone has the leg, the refusal names the call and that phone. */
export async function unlessElsewhere<Done>(
  context: CommandContext,
  work: Promise<Done>,
  { code, expected }: Elsewhere,
): Promise<Done> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof HeldElsewhere)) throw error;
    const { call, leg } = error;
    throw await inCall(context, call, leg, code, expected);
  }
}

/** The client is in that call, with one of its phones. */
export async function inCall(
  context: CommandContext,
  call: Call,
  leg: number,
  code: Elsewhere["code"],
  expected?: FieldError,
): Promise<Problem> {
  const of = legOf(call, leg);
  const { clientId, signIn } = of;
  const acting = { deviceId: actingDevice(of), signIn };
  const { deviceId } = of.status === "joined" ? await registered(context, acting, clientId) : {};
  const { callId } = call;
  const how = deviceId ? ` with its phone ${deviceId}` : "";
  return new Problem(code, `client ${clientId} is in call ${callId}${how}`, {
    callId,
    deviceId,
    ...(expected && { errors: [expected] }),
  });
}
