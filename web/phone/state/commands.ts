/** The REST commands that a phone sends, as their schemas in the OpenAPI document have them, and what refuses them. */
import * as z from "zod/mini";
import type { LegStatus, Media } from "../../../calls/call.ts";
import type { Action } from "../../../api/commands.ts";
import type { ProblemCode } from "../../../api/problems.ts";
import { type Ending, endReasonRead } from "./endings.ts";

/** Why a request came to nothing, in the server's words; `network` if it gave none. */
export interface Problem {
  readonly code: ProblemCode | "network" | "unexpected";
  readonly title: string;
  readonly detail: string;
  readonly callId?: string | undefined;
  readonly endReason?: Ending | undefined;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** Worth another try: the server has not refused. */
export const isPassing = ({ code }: Problem): boolean =>
  code === "network" || code === "try_again" || code === "unexpected";

/** What the page itself checks of a call; the words in it are the server's. */
const legSchema = z.object({
  clientId: z.string(),
  role: z.enum(["caller", "callee"]),
  status: z.enum(["invited", "ringing", "joined", "left"] satisfies LegStatus[]),
  endReason: endReasonRead,
  deviceId: z.optional(z.string()),
});
const callShape = {
  callId: z.string(),
  status: z.enum(["calling", "ringing", "answered", "ended"]),
  endReason: endReasonRead,
  media: z.enum(["audio", "video"] satisfies Media[]),
  callerId: z.string(),
  calleeId: z.string(),
  version: z.number(),
  ringExpiresAtMs: z.number(),
  answeredAtMs: z.optional(z.number()),
  legs: z.array(legSchema),
};
export const callViewSchema = z.object(callShape);
export type CallView = Readonly<z.infer<typeof callViewSchema>>;

export const joinReplySchema = z.object({ ...callShape, token: z.string() });
export type JoinReply = Readonly<z.infer<typeof joinReplySchema>>;

export const settingsSchema = z.object({
  id: z.string(),
  blockedIds: z.array(z.string()),
  doNotDisturbUntilMs: z.optional(z.number()),
  activeCallId: z.optional(z.string()),
});
export type Settings = Readonly<z.infer<typeof settingsSchema>>;

const endReplySchema = z.object({ ended: z.boolean(), endReason: endReasonRead });

/** What a page can ask, and what it reads of each reply. */
export const REPLIES = {
  register: z.object({ id: z.string() }),
  unregister: z.object({ removed: z.boolean() }),
  initiateCall: joinReplySchema,
  answerCall: joinReplySchema,
  rejoinCall: joinReplySchema,
  declineCall: callViewSchema,
  ackRinging: callViewSchema,
  getCall: callViewSchema,
  endCall: endReplySchema,
  getClient: settingsSchema,
  blockClient: settingsSchema,
  unblockClient: settingsSchema,
  setDoNotDisturb: settingsSchema,
} satisfies Partial<Record<Action, z.ZodMiniType>>;

export type Asked = keyof typeof REPLIES;
type Reply<A extends Asked> = Readonly<z.infer<(typeof REPLIES)[A]>>;

export interface Commands {
  send<A extends Asked>(
    action: A,
    input: Readonly<Record<string, unknown>>,
    options?: { readonly idempotencyKey?: string },
  ): Promise<Outcome<Reply<A>>>;
}
