/** What a page and the local IVS say to each other about a stage: JSON texts on a WebSocket. */
import * as z from "zod";

/** An SDP description of audio and video in one browser has some 8 KB. */
export const MAX_MESSAGE_BYTES = 64 * 1024;
/** A burst is one page meeting eleven others at once, each with a dozen candidates. */
export const MESSAGES_PER_SECOND = 50;
export const MESSAGES_BURST = 300;
export const JOIN_WITHIN_MS = 10_000;

/** Which of its streams are off, as the others are shown it. */
const muteState = { audioMuted: z.boolean(), videoStopped: z.boolean() };
export interface MuteState {
  readonly audioMuted: boolean;
  readonly videoStopped: boolean;
}
const streams = z.array(z.enum(["audio", "video"])).max(2);
const connection = z.string().min(1).max(64);

const description = z.strictObject({ type: z.enum(["offer", "answer"]), sdp: z.string() });
const candidate = z.strictObject({
  candidate: z.string(),
  sdpMid: z.string().nullish(),
  sdpMLineIndex: z.int().nullish(),
  usernameFragment: z.string().nullish(),
});

/** `to` is the `connection` of another participant. */
export const pageMessageSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("join"), token: z.string().min(1).max(8_192) }),
  z.strictObject({ type: z.literal("publish"), ...muteState }),
  z.strictObject({ type: z.literal("mute"), ...muteState }),
  z.strictObject({ type: z.literal("unpublish") }),
  /** Which streams of another participant this page wants; none ends it. */
  z.strictObject({ type: z.literal("subscribe"), to: connection, streams }),
  z.strictObject({
    type: z.literal("signal"),
    to: connection,
    description: description.optional(),
    candidate: candidate.optional(),
    /** Of two pages only one offers; this asks it to. */
    negotiate: z.literal(true).optional(),
  }),
  z.strictObject({ type: z.literal("leave") }),
]);
export type PageMessage = z.infer<typeof pageMessageSchema>;
export type Sent<Type extends PageMessage["type"]> = Extract<PageMessage, { type: Type }>;

export interface ParticipantShown extends MuteState {
  readonly connection: string;
  readonly id: string;
  readonly userId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly capabilities: readonly ("publish" | "subscribe")[];
  readonly isPublishing: boolean;
}

export interface ParticipantMessage {
  readonly type: `participant_${"joined" | "left" | "published" | "unpublished" | "muted"}`;
  readonly participant: ParticipantShown;
}

export type ServerMessage =
  | ParticipantMessage
  | {
      readonly type: "joined";
      readonly participant: ParticipantShown;
      readonly others: readonly ParticipantShown[];
    }
  | { readonly type: "published" }
  /** `request` is the type of the message that is refused. */
  | {
      readonly type: "refused";
      readonly request: string;
      readonly code: string;
      readonly message: string;
    }
  | {
      readonly type: "subscription";
      readonly from: string;
      readonly streams: Sent<"subscribe">["streams"];
    }
  | ({ readonly type: "signal"; readonly from: string } & Omit<Sent<"signal">, "type" | "to">)
  | { readonly type: "left"; readonly reason: string };

/**
 * Whether the sender of this description will send media. RFC 8866: without a direction a section sends and receives; RFC 8843: port 0
 * refuses a section, unless it is bundled.
 */
export function sendsMedia(sdp: string): boolean {
  const [, ...sections] = sdp.split(/^(?=m=)/m);
  return sections.some((section) => {
    const [, kind, port] = /^m=(\w+) (\d+)/.exec(section) ?? [];
    const refused = port === "0" && !/^a=bundle-only\s*$/m.test(section);
    if (kind === "application" || refused) return false;
    return !/^a=(recvonly|inactive)\s*$/m.test(section);
  });
}
