/** A call as this phone sees it, whichever way it heard: a reply, `getCall`, or `onCallUpdated`. */
import type { CallStatus, Ending, LegStatus, MediaKind } from "../wire/contract.ts";
import type { OwnCall } from "../wire/own-call.ts";
import type { CallView } from "../wire/replies.ts";

/** Who this phone is. */
export interface Me {
  readonly clientId: string;
  readonly deviceId: string;
}

export interface CallFacts {
  readonly callId: string;
  readonly version: number;
  readonly status: CallStatus;
  readonly myRole: "caller" | "callee";
  readonly myStatus: LegStatus;
  /** Another device of this client acts in the call. An update does not say. */
  readonly elsewhere: boolean;
  /** The server names this very phone as the one that joined. */
  readonly here: boolean;
  readonly ending?: Ending | undefined;
  readonly otherId: string;
  readonly media: MediaKind;
  readonly ringUntilMs: number;
  readonly answeredAtMs?: number | undefined;
}

/** Undefined if this client has no part in the call. */
export function factsOfView(view: CallView, { clientId, deviceId }: Me): CallFacts | undefined {
  const mine = view.legs.find((leg) => leg.clientId === clientId);
  if (!mine) return undefined;
  const other = mine.role === "caller" ? view.calleeId : view.callerId;
  return {
    callId: view.callId,
    version: view.version,
    status: view.status,
    myRole: mine.role,
    myStatus: mine.status,
    elsewhere: mine.deviceId !== undefined && mine.deviceId !== deviceId,
    here: mine.status === "joined" && mine.deviceId === deviceId,
    ending: mine.endReason ?? view.endReason,
    otherId: other,
    media: view.media,
    ringUntilMs: view.ringUntilMs,
    answeredAtMs: view.answeredAtMs,
  };
}

export function factsOfUpdate(call: OwnCall): CallFacts {
  return {
    callId: call.callId,
    version: call.version,
    status: call.status,
    myRole: call.role,
    myStatus: call.legStatus ?? (call.status === "ended" ? "left" : "joined"),
    elsewhere: false,
    here: false,
    ending: call.legEndReason ?? call.endReason,
    otherId: call.otherClientId,
    media: call.media,
    ringUntilMs: call.ringUntilMs,
    answeredAtMs: call.answeredAtMs,
  };
}

/** The call goes on, and this client's part in it is not over. */
export const isLive = ({ status, myStatus }: CallFacts): boolean => status !== "ended" && myStatus !== "left";

/** It is for this phone to ring. */
export const isRinging = (facts: CallFacts): boolean =>
  isLive(facts) &&
  facts.myRole === "callee" &&
  (facts.myStatus === "invited" || facts.myStatus === "ringing");
