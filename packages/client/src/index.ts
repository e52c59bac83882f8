/** The phone's half of Ringmaster. */
export type { Call } from "./call.ts";
export type { CallSnapshot, CallState, EndedReason } from "./call-snapshot.ts";
export type { LostDevice } from "./follow.ts";
export type { Me } from "./engine/call-facts.ts";
export type { Loss } from "./engine/events-and-deeds.ts";
export type { Environment, KeyValueStorage } from "./environment.ts";
export type {
  CaptureTrouble,
  JoinedCall,
  MediaAdapter,
  MediaEvent,
  MediaSession,
  MediaState,
  OwnMediaState,
  RemoteParty,
} from "./media.ts";
export { type CallOptions, createPhone, type Phone, type PhoneOptions, type PhoneSnapshot } from "./phone.ts";
export { PhoneError } from "./phone-error.ts";
export type { PushResult } from "./push-result.ts";
export type { PushToken, RegisterOptions } from "./registration.ts";
export type { Device } from "./time/server-clock.ts";
export {
  END_REASONS,
  type Ending,
  type EndReason,
  type MediaKind,
  type NotifyType,
  type PushType,
} from "./wire/contract.ts";
export type { Connection, Socket, SocketClass } from "./wire/live-updates.ts";
export { PHONE_CODES, type Problem } from "./wire/problem.ts";
export { parsePush, type Push } from "./wire/pushes.ts";
export type { CallView, PastCall, Settings } from "./wire/replies.ts";
export type { AccessToken, FetchLike } from "./wire/rest-api.ts";
export { watchCall } from "./watch-call.ts";
export { withoutMedia } from "./without-media.ts";
