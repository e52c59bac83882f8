/** Alice, who calls, Bob, who is called, and Carol, who also wants to: their clients, devices, calls and stages. */
import { type NewCall, newCall } from "../calls/admission.ts";
import { type Call, legOf } from "../calls/call.ts";
import type { Client } from "../calls/client.ts";
import type { Device, NotifyType } from "../calls/device.ts";
import { type CallId, callIdSchema, type ClientId, clientIdSchema, deviceIdSchema } from "../calls/ids.ts";
import { withLeg } from "../calls/legs.ts";
import { answer, ring } from "../calls/answering.ts";
import { closeCall } from "../calls/closing.ts";
import { endBy, endLeg } from "../calls/ending.ts";
import type { Rule } from "../calls/rules.ts";
import { Secret } from "../calls/secret.ts";
import type { EndReason } from "../events/end-reason.ts";
import type { Stage } from "../handlers/media/ivs/stage.ts";
import { leased, newStage, type PooledStage, rested } from "../handlers/media/ivs/pool/stage-pool.ts";

/** The moment at which Alice's call begins. */
export const START_MS = 1_800_000_000_000;
/** So many seconds after the call began. */
export const at = (seconds: number): number => START_MS + seconds * 1000;
export const RING_SECONDS = 45;
export const MAX_CALL_SECONDS = 4 * 3600;

export const CALLER = 1;
export const CALLEE = 2;

export const callId = (n: number): CallId =>
  callIdSchema.parse(`01a3185c-5000-7000-8000-${n.toString(16).padStart(12, "0")}`);
const clientId = (n: number): ClientId =>
  clientIdSchema.parse(`00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`);

export const CALL = callId(1);
export const ALICES_PHONE = deviceIdSchema.parse("alices-phone");
export const BOBS_PHONE = deviceIdSchema.parse("bobs-phone");
export const BOBS_TABLET = deviceIdSchema.parse("bobs-tablet");

const person = (n: number, name: string, phone: string, more: Partial<Client> = {}): Client => ({
  clientId: clientId(n),
  sub: `sub-of-${name}`,
  username: `username-of-${name}`,
  devices: { [phone]: START_MS },
  revision: 1,
  createdAtMs: START_MS,
  lastSeenAtMs: START_MS,
  ...more,
});
export const alice = (more?: Partial<Client>): Client => person(1, "alice", ALICES_PHONE, more);
export const bob = (more?: Partial<Client>): Client => person(2, "bob", BOBS_PHONE, more);
export const carol = (more?: Partial<Client>): Client => person(3, "carol", "carols-phone", more);
export const ALICE = alice().clientId;
export const BOB = bob().clientId;
export const CAROL = carol().clientId;

/** A device of Bob, unless told otherwise. */
export function device(
  deviceId: string,
  tokens: Partial<Record<NotifyType, string>> = { GCM: `token-of-${deviceId}` },
  more: Partial<Device> = {},
): Device {
  const secrets = Object.entries(tokens).map(([type, token]) => [type, new Secret(token)]);
  return {
    clientId: BOB,
    deviceId: deviceIdSchema.parse(deviceId),
    tokens: Object.fromEntries(secrets),
    lastSeenAtMs: START_MS,
    ...more,
  };
}

export const stage = (n = 1): Stage => ({
  stageId: `stage-${n}`,
  arn: `arn:aws:ivs:us-east-1:000000000000:stage/stage-${n}`,
  endpoints: { events: "wss://events.example", whip: "https://whip.example" },
});
export const freeStage = (n = 1, atMs = START_MS): PooledStage => newStage(stage(n), atMs);
export const leasedStage = (n = 1, atMs = START_MS, to = CALL): PooledStage =>
  leased(freeStage(n, atMs), to, atMs);
export const restingStage = (n: number, tokensUntilMs: number, sinceMs: number): PooledStage =>
  rested(leasedStage(n), tokensUntilMs, sinceMs);

/** Alice has just called Bob: nothing has rung yet. */
export const calling = (more: Partial<NewCall> = {}): Call =>
  newCall({
    callId: CALL,
    caller: alice(),
    callees: [bob()],
    deviceId: ALICES_PHONE,
    media: "video",
    stage: stage(),
    ringSeconds: RING_SECONDS,
    maxCallSeconds: MAX_CALL_SECONDS,
    nowMs: START_MS,
    ...more,
  });

/** The call after a rule, which must have changed it. */
export function after(call: Call, rule: Rule, nowMs: number): Call {
  const decision = rule(call, nowMs);
  if (decision.kind !== "changed") throw new Error(`expected a change, got ${decision.kind}`);
  return decision.call;
}

/** Bob's phone rings since the second second. */
export const ringing = (): Call => after(calling(), ring(CALLEE, BOBS_PHONE), at(2));
/** Bob has answered on his phone in the fifth second. */
export const answered = (): Call => after(ringing(), answer(CALLEE, BOBS_PHONE), at(5));
/** Alice has hung up after a minute. */
export const completed = (): Call => after(answered(), endLeg(CALLER), at(60));
/** Ended while it rang, in the tenth second. */
export const endedWhileRinging = (reason: EndReason): Call => after(ringing(), endBy(reason), at(10));
export const closed = (): Call => after(completed(), closeCall(90), at(61));

/** The call as it stands while the workflow waits for it to move. */
export const waiting = (call: Call): Call => ({
  ...call,
  waitTurn: call.turn,
  taskToken: "task-token",
  sweepAtMs: call.deadlineMs,
});

/** The push service took the incoming call for these devices of Bob. */
export function pushedTo(call: Call, ...deviceIds: string[]): Call {
  const push = { outcome: "accepted", channel: "GCM", atMs: at(1) } as const;
  const devices = Object.fromEntries(deviceIds.map((id) => [id, { pushes: { incoming_call: push } }]));
  return withLeg(call, CALLEE, { ...legOf(call, CALLEE), devices, told: "incoming_call" });
}

/** As it stands once `other` is blocked. */
export const blocking = (client: Client, other: Client, atMs: number): Client => ({
  ...client,
  blocked: { ...client.blocked, [other.clientId]: { sub: other.sub, atMs } },
});
