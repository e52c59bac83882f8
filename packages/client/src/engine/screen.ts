/** What is on the phone's screen: one call at most, and how it stands. */
import type { Ending, MediaKind } from "../wire/contract.ts";
import type { Problem } from "../wire/problem.ts";
import type { CallFacts } from "./call-facts.ts";
import type { Push } from "../wire/pushes.ts";

/** A person on the other side. */
export interface Other {
  readonly clientId: string;
  /** As far as it is known: the directory may know better. */
  readonly name?: string | undefined;
}

export interface Talk {
  readonly callId: string;
  readonly version: number;
  readonly other: Other;
  readonly media: MediaKind;
  readonly outgoing: boolean;
  readonly ringUntilMs: number;
  /** A phone of the other side has said that it rings. */
  readonly heard: boolean;
  readonly answeredAtMs?: number | undefined;
}

/** How this phone's own connection to the stage is. */
export interface Line {
  readonly connectedAtMs?: number | undefined;
  /** It was connected once: what is missing now is a loss. */
  readonly wasConnected: boolean;
  /** Tries to come back, since it was last up for a while. */
  readonly attempts: number;
}

/** What the phone itself did, or found, before the server gave its word. */
export type Cause = "hung-up" | "declined" | "ring-over" | "lost" | "moved" | Problem;

export interface Ended {
  readonly kind: "ended";
  readonly other: Other;
  readonly media: MediaKind;
  readonly outgoing: boolean;
  readonly callId?: string | undefined;
  readonly ending?: Ending | undefined;
  readonly cause?: Cause | undefined;
  readonly answeredAtMs?: number | undefined;
  readonly endedAtMs: number;
  /** It was over before it rang: nothing was heard of it but a push. */
  readonly unheard?: true;
  /** The server had confirmed its ring, which has run out without an answer. */
  readonly rangOut?: true;
  /** Of a call that the server has not admitted: `callId` is the one that its refusal names. */
  readonly dial?: number;
}

export interface InCall {
  readonly talk: Talk;
  readonly line: Line;
}

export type Screen =
  | { readonly kind: "idle" }
  /** A push says that a call comes in; the server is being asked. Its talk is what the push says. */
  | { readonly kind: "incoming"; readonly talk: Talk; readonly push: Push }
  /** Asked to call; no reply yet. */
  | { readonly kind: "dialling"; readonly dial: number; readonly other: Other; readonly media: MediaKind }
  | ({ readonly kind: "calling" } & InCall)
  | { readonly kind: "ringing"; readonly talk: Talk }
  | ({ readonly kind: "connecting" } & InCall)
  | ({ readonly kind: "in-call" } & InCall)
  | ({ readonly kind: "reconnecting" } & InCall)
  | Ended;

export interface PhoneState {
  readonly screen: Screen;
  /** Calls that are over for this phone, the latest last. */
  readonly over: readonly string[];
  readonly dials: number;
  /** A second call, known by its push: it rings once the first is over. */
  readonly waiting?: Push | undefined;
}

export const START: PhoneState = { screen: { kind: "idle" }, over: [], dials: 0 };

export const talkOf = (screen: Screen): Talk | undefined => ("talk" in screen ? screen.talk : undefined);

export const isOver = ({ over: those, screen }: PhoneState, callId: string): boolean =>
  those.includes(callId) || talkOf(screen)?.callId === callId;

/** Nothing is on the screen that a new call would interrupt. */
export const isFree = ({ screen: { kind } }: PhoneState): boolean => kind === "idle" || kind === "ended";

/** The screen is free for this call, or shows that its push has come. */
export const mayRing = (state: PhoneState, callId: string): boolean =>
  isFree(state) || (state.screen.kind === "incoming" && state.screen.talk.callId === callId);

export const talkOfFacts = (facts: CallFacts, name: string | undefined): Talk => ({
  callId: facts.callId,
  version: facts.version,
  other: { clientId: facts.otherId, name },
  media: facts.media,
  outgoing: facts.myRole === "caller",
  ringUntilMs: facts.ringUntilMs,
  heard: facts.status !== "calling",
  answeredAtMs: facts.answeredAtMs,
});

/** `ringUntilMs`: the push says until when by the server's clock, of which this phone may know nothing yet. */
export const talkOfPush = (push: Push, ringUntilMs: number): Talk => ({
  callId: push.call_id,
  version: 0,
  other: { clientId: push.caller_id, name: push.caller_name },
  media: push.media,
  outgoing: false,
  ringUntilMs,
  heard: true,
});

export function endedOf(
  { callId, other, media, outgoing, answeredAtMs }: Talk,
  endedAtMs: number,
  why: { readonly ending?: Ending | undefined; readonly cause?: Cause },
): Ended {
  return { kind: "ended", callId, other, media, outgoing, answeredAtMs, endedAtMs, ...why };
}
