/** A caller's `Idempotency-Key`: a repeat of the request means the same call, even if that is over by now. */
import { createHash } from "node:crypto";
import type { ActingPhone } from "../../calls/acting-phone.ts";
import type { InputOf, ReplyOf } from "../../api/commands.ts";
import type { CallId } from "../../calls/ids.ts";
import { Problem } from "../../api/problems.ts";
import { renewToken } from "../../calls/participant-tokens.ts";
import type { Rule } from "../../calls/rules.ts";
import { announce } from "../../calls/snapshot.ts";
import type { IdempotencyKey } from "../store/admission-store.ts";
import { joinBy } from "./join-call.ts";
import { askingPhone, assertWithPhone, unlessElsewhere } from "./phones.ts";
import { calleeBusy } from "./slots.ts";
import { existingCall, type Person, type CommandContext } from "./command-context.ts";

const hash = (...parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");

/** Keys of different people never collide. All options of a call count, but not the phone that asks. */
export function idempotencyKey({ sub }: Person, input: InputOf<"initiateCall">): IdempotencyKey | undefined {
  const { idempotencyKey: key, deviceId: _phone, callerId, calleeId, calleeIds, media, ...options } = input;
  if (key === undefined) return undefined;
  const callees = calleeId ? [calleeId] : (calleeIds ?? []).toSorted();
  const further = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map((option) => JSON.stringify(option))
    .toSorted();
  return { id: hash(sub, key), request: hash(callerId, media, ...callees, ...further) };
}

interface Repeat {
  readonly person: Person;
  readonly input: InputOf<"initiateCall">;
  readonly key: IdempotencyKey | undefined;
}

/**
 * The call that the key began: a token for it, 410 if it is over, or the same refusal if the callee was busy. The key belongs
 * to the person, the call to the phone: another phone is refused as in any call that goes on.
 */
export async function repeatedCall(
  context: CommandContext,
  { person, input, key }: Repeat,
  { callId, request }: { callId: CallId; request: string },
): Promise<ReplyOf<"initiateCall">> {
  if (request !== key?.request) {
    throw new Problem("idempotency_key_reused", "the Idempotency-Key was used for another request", {
      callId,
    });
  }
  try {
    return await callAgain(context, person, callId, askingPhone(person, input));
  } catch (error) {
    const wasBusy = error instanceof Problem && error.details.endReason === "busy";
    throw wasBusy ? await busyAgain(context, callId) : error;
  }
}

/** The first request may have failed before announcing the attempt; without this only the sweep would announce it. */
async function busyAgain(context: CommandContext, callId: CallId): Promise<Problem> {
  const record = await existingCall(context, callId);
  if (record.cleanedUpAtMs === undefined) await context.publisher.publish(announce("CallInitiated", record));
  return calleeBusy(record);
}

const CALLER_LEG = 1;

/** For the phone that began the call. */
export function callAgain(
  context: CommandContext,
  person: Person,
  callId: CallId,
  asking: ActingPhone,
): Promise<ReplyOf<"initiateCall">> {
  const rule: Rule = (call, nowMs) => {
    assertWithPhone(call, CALLER_LEG, asking, nowMs);
    return renewToken(CALLER_LEG)(call, nowMs);
  };
  const joining = joinBy(context, person, { callId, leg: CALLER_LEG, rule });
  return unlessElsewhere(context, joining, { code: "caller_in_call" });
}
