/** A call as this phone sees it, whichever way it heard: a reply, `getCall`, or `onCallUpdated`. */
import type { CallStatus, LegStatus, Media } from "../../../calls/call.ts";
import type { CallView } from "./commands.ts";
import type { Ending } from "./endings.ts";

/** The server's list, for schemas: importing it as a value would bring the server's own schemas into the page. */
export const CALL_STATUSES_SHOWN = [
  "calling",
  "ringing",
  "answered",
  "ended",
] as const satisfies readonly CallStatus[];

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
  readonly ending?: Ending | undefined;
  readonly otherId: string;
  readonly media: Media;
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
    ending: mine.endReason ?? view.endReason,
    otherId: other,
    media: view.media,
    ringUntilMs: view.ringExpiresAtMs,
    answeredAtMs: view.answeredAtMs,
  };
}

/** The call goes on, and this client's part in it is not over. */
export const isLive = ({ status, myStatus }: CallFacts): boolean => status !== "ended" && myStatus !== "left";

/** It is for this phone to ring. */
export const isRinging = (facts: CallFacts): boolean =>
  isLive(facts) &&
  facts.myRole === "callee" &&
  (facts.myStatus === "invited" || facts.myStatus === "ringing");
