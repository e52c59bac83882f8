/** A caller's `Idempotency-Key`: a repeat of the request means the same call, even if that is over by now. */
import { createHash } from "node:crypto";
import type { InputOf, ReplyOf } from "../../calls/commands.ts";
import type { CallId } from "../../calls/ids.ts";
import { Problem } from "../../calls/problems.ts";
import { renewToken } from "../../calls/rules.ts";
import { announce } from "../../calls/snapshot.ts";
import type { IdempotencyKey } from "../adapters/admission.ts";
import { joinBy } from "./join-call.ts";
import { calleeBusy } from "./slots.ts";
import { existingCall, type Person, type Tools } from "./tools.ts";

const hash = (...parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");

/** Keys of different people never meet. */
export function idempotencyKey(
  { sub }: Person,
  { idempotencyKey: key, callerId, calleeId, calleeIds, media }: InputOf<"initiateCall">,
): IdempotencyKey | undefined {
  if (key === undefined) return undefined;
  const callees = calleeId ? [calleeId] : (calleeIds ?? []).toSorted();
  return { id: hash(sub, key), request: hash(callerId, media, ...callees) };
}

interface Repeat {
  readonly person: Person;
  readonly key: IdempotencyKey | undefined;
}

/** The call that the key began: a token for it, or 410 if it is over; of an attempt that found the callee busy, that again. */
export async function repeatedCall(
  tools: Tools,
  { person, key }: Repeat,
  { callId, request }: { callId: CallId; request: string },
): Promise<ReplyOf<"initiateCall">> {
  if (request !== key?.request) {
    throw new Problem("idempotency_key_reused", "the Idempotency-Key was used for another request", {
      callId,
    });
  }
  const leg = 1;
  try {
    return await joinBy(tools, person, { callId, leg, rule: renewToken(leg) });
  } catch (error) {
    const wasBusy = error instanceof Problem && error.details.endReason === "busy";
    throw wasBusy ? await busyAgain(tools, callId) : error;
  }
}

/** The first request may have failed before the attempt was announced: nobody would be told of it until the sweep finds it. */
async function busyAgain(tools: Tools, callId: CallId): Promise<Problem> {
  const record = await existingCall(tools, callId);
  if (record.cleanedUpAtMs === undefined) await tools.publisher.publish(announce("CallInitiated", record));
  return calleeBusy(record);
}
