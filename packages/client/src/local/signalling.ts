/** The page's end of the local IVS's signalling: a WebSocket that is joined with a participant token. */
import { flag, list, maybe, number, object, oneOf, type Reader, text, Unreadable } from "../wire/read.ts";
import { stageError } from "./stage-error.ts";

/** Longer than the service waits for a join, so that it is the service that says why. */
const JOIN_TIMEOUT_MS = 15_000;

const attributes: Reader<Readonly<Record<string, string>>> = (value) =>
  Object.fromEntries(Object.entries(Object(value)).map(([name, one]) => [name, text(one)]));

const participant = object({
  connection: text,
  id: text,
  userId: text,
  attributes,
  capabilities: list(oneOf(["publish", "subscribe"])),
  isPublishing: flag,
  audioMuted: flag,
  videoStopped: flag,
});
export type ParticipantShown = ReturnType<typeof participant>;

/** A browser says null where it has nothing to say. */
const orNull = <T>(reader: Reader<T>): Reader<T | null | undefined> => maybe(reader);

const signal = {
  negotiate: maybe(flag),
  description: maybe(object({ type: oneOf(["offer", "answer"]), sdp: text })),
  candidate: maybe(
    object({
      candidate: text,
      sdpMid: orNull(text),
      sdpMLineIndex: orNull(number),
      usernameFragment: orNull(text),
    }),
  ),
};
const readSignal = object(signal);
/** What one browser says to another: an offer, an answer, an address to try, or that it wants an offer. */
export type Signal = ReturnType<typeof readSignal>;

const ofParticipant = object({ participant });
const MESSAGES = {
  joined: object({ participant, others: list(participant) }),
  refused: object({ request: text, code: text, message: text }),
  published: object({}),
  participant_joined: ofParticipant,
  participant_left: ofParticipant,
  participant_published: ofParticipant,
  participant_unpublished: ofParticipant,
  participant_muted: ofParticipant,
  subscription: object({ from: text, streams: list(oneOf(["audio", "video"])) }),
  signal: object({ ...signal, from: text }),
  left: object({ reason: text }),
};
type Messages = typeof MESSAGES;
type AnyMessage = { [T in keyof Messages]: { readonly type: T } & ReturnType<Messages[T]> }[keyof Messages];
type Joined = Extract<AnyMessage, { type: "joined" }>;
export type StageMessage = Exclude<AnyMessage, Joined>;

function readMessage(value: unknown): AnyMessage {
  const { type } = object({ type: text })(value);
  const read: Reader<object> | undefined = Object.hasOwn(MESSAGES, type)
    ? MESSAGES[type as keyof Messages]
    : undefined;
  if (!read) throw new Unreadable(`a message of type ${type} is not known`);
  // Read by the reader of its type.
  return { type, ...read(value) } as AnyMessage;
}

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
      const message = readMessage(JSON.parse(String(data)));
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
