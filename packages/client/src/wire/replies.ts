/** The REST commands that a phone sends, and what it reads of each reply. */
import { CALL_STATUSES, END_REASONS, LEG_STATUSES, MEDIA_KINDS, ROLES } from "./contract.ts";
import { flag, ifKnown, list, maybe, number, object, oneOf, type Reader, text } from "./read.ts";

const endReason = ifKnown(END_REASONS);

const leg = object({
  clientId: text,
  role: oneOf(ROLES),
  status: oneOf(LEG_STATUSES),
  endReason,
  deviceId: maybe(text),
});
const callShape = {
  callId: text,
  status: oneOf(CALL_STATUSES),
  endReason,
  media: oneOf(MEDIA_KINDS),
  callerId: text,
  calleeId: text,
  version: number,
  ringUntilMs: number,
  answeredAtMs: maybe(number),
  legs: list(leg),
};
const callView = object(callShape);
/** A call as its people may see it. */
export type CallView = ReturnType<typeof callView>;

const joinReply = object({ ...callShape, token: text });

const settings = object({
  id: text,
  blockedIds: list(text),
  doNotDisturbUntilMs: maybe(number),
  activeCallId: maybe(text),
  lostDevices: maybe(list(object({ deviceId: text, atMs: number }))),
});
/** What a client has, and the call that it is in. */
export type Settings = ReturnType<typeof settings>;

const endReply = object({ ended: flag, endReason });

const pastCall = object({
  callId: text,
  role: oneOf(ROLES),
  otherClientId: text,
  media: oneOf(MEDIA_KINDS),
  endReason,
  createdAtMs: number,
  answeredAtMs: maybe(number),
  endedAtMs: number,
  durationMs: number,
});
/** A call of the history, as one's own leg remembers it. */
export type PastCall = ReturnType<typeof pastCall>;

/** What a phone can ask, and what it reads of each reply. */
export const REPLIES = {
  register: object({ id: text, deviceId: text }),
  unregister: object({ removed: flag }),
  initiateCall: joinReply,
  answerCall: joinReply,
  rejoinCall: joinReply,
  declineCall: callView,
  ackRinging: callView,
  addToCall: callView,
  getCall: callView,
  endCall: endReply,
  getClient: settings,
  listClients: object({ clients: list(settings) }),
  blockClient: settings,
  unblockClient: settings,
  setDoNotDisturb: settings,
  listCalls: object({ calls: list(pastCall), nextToken: maybe(text) }),
} satisfies Record<string, Reader<unknown>>;

export type Asked = keyof typeof REPLIES;
export type Reply<A extends Asked> = ReturnType<(typeof REPLIES)[A]>;
