/** The page's end of the local IVS's signalling: a WebSocket that is joined with a participant token. */
import * as z from "zod/mini";
import { stageError } from "./stage-error.ts";

/** Longer than the service waits for a join, so that it is the service that says why. */
const JOIN_TIMEOUT_MS = 15_000;

const streamTypes = z.array(z.enum(["audio", "video"]));
const participantSchema = z.object({
  connection: z.string(),
  id: z.string(),
  userId: z.string(),
  attributes: z.record(z.string(), z.string()),
  capabilities: z.array(z.enum(["publish", "subscribe"])),
  isPublishing: z.boolean(),
  audioMuted: z.boolean(),
  videoStopped: z.boolean(),
});
export type ParticipantShown = z.infer<typeof participantSchema>;

const signalSchema = z.object({
  negotiate: z.optional(z.literal(true)),
  description: z.optional(z.object({ type: z.enum(["offer", "answer"]), sdp: z.string() })),
  candidate: z.optional(
    z.object({
      candidate: z.string(),
      sdpMid: z.nullish(z.string()),
      sdpMLineIndex: z.nullish(z.number()),
      usernameFragment: z.nullish(z.string()),
    }),
  ),
});
/** What one browser says to another: an offer, an answer, an address to try, or that it wants an offer. */
export type Signal = z.infer<typeof signalSchema>;

const ofParticipant = <Type extends string>(type: Type) =>
  z.object({ type: z.literal(type), participant: participantSchema });

const messageSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("joined"),
    participant: participantSchema,
    others: z.array(participantSchema),
  }),
  z.object({ type: z.literal("refused"), request: z.string(), code: z.string(), message: z.string() }),
  z.object({ type: z.literal("published") }),
  ofParticipant("participant_joined"),
  ofParticipant("participant_left"),
  ofParticipant("participant_published"),
  ofParticipant("participant_unpublished"),
  ofParticipant("participant_muted"),
  z.object({ type: z.literal("subscription"), from: z.string(), streams: streamTypes }),
  z.extend(signalSchema, { type: z.literal("signal"), from: z.string() }),
  z.object({ type: z.literal("left"), reason: z.string() }),
]);
type AnyMessage = z.infer<typeof messageSchema>;
type Joined = Extract<AnyMessage, { type: "joined" }>;
export type StageMessage = Exclude<AnyMessage, Joined>;

interface Muted {
  readonly audioMuted: boolean;
  readonly videoStopped: boolean;
}
type PageMessage =
  | ({ readonly type: "publish" | "mute" } & Muted)
  | { readonly type: "unpublish" | "leave" }
  | { readonly type: "subscribe"; readonly to: string; readonly streams: readonly ("audio" | "video")[] }
  | ({ readonly type: "signal"; readonly to: string } & Signal);

export interface Signalling {
  readonly joined: Joined;
  /** Does nothing once the connection is lost. */
  send(message: PageMessage): void;
  /** The page needs it no more: nothing is heard of it again. */
  close(): void;
}

interface Hears {
  message(message: StageMessage): void;
  /** The connection ended without a message `left`. */
  lost(): void;
}

/** Joins the stage of the token. Rejects with a StageError. */
export function joinStage(url: string, token: string, hears: Hears): Promise<Signalling> {
  const socket = new WebSocket(url);
  const connection = { closed: false };
  const send = (message: PageMessage | { type: "join"; token: string }): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  function close(): void {
    connection.closed = true;
    socket.close();
  }
  return new Promise((resolve, reject) => {
    let joined: Joined | undefined;
    const fail = (code: string, message: string): void => {
      close();
      reject(stageError(code, "JOIN_ERROR", message));
    };
    const timer = setTimeout(() => fail("TIMEOUT", `${url} does not answer`), JOIN_TIMEOUT_MS);
    socket.addEventListener("open", () => send({ type: "join", token }));
    socket.addEventListener("message", ({ data }) => {
      if (connection.closed) return;
      const message = messageSchema.parse(JSON.parse(String(data)));
      if (message.type === "joined") {
        joined = message;
        clearTimeout(timer);
        return resolve({ joined, send, close });
      }
      if (!joined && message.type === "refused") return fail(message.code, message.message);
      hears.message(message);
    });
    socket.addEventListener("close", () => {
      clearTimeout(timer);
      if (connection.closed) return;
      connection.closed = true;
      if (joined) return hears.lost();
      fail("FAILED", `${url} cannot be reached`);
    });
  });
}
