/** One page's end of the signalling: it joins with its participant token, and then says what it wants of the stage. */
import * as z from "zod";
import type { Clock } from "../clock.ts";
import { StageError } from "./ivs-error.ts";
import type { MediaPlane, Participant } from "./media-plane.ts";
import {
  JOIN_WITHIN_MS,
  MESSAGES_BURST,
  MESSAGES_PER_SECOND,
  type MuteState,
  type PageMessage,
  pageMessageSchema,
  type ParticipantMessage,
  type ParticipantShown,
  type Sent,
  type ServerMessage,
  sendsMedia,
} from "./signalling-messages.ts";

/** The page's end: a WebSocket, or a test. */
export interface Peer {
  send(message: ServerMessage): void;
  close(code: number, reason: string): void;
}

/** A page that has joined. */
export interface Page {
  readonly participant: Participant;
  readonly peer: Peer;
  muted: MuteState;
  /** It may have media to send: a description made while it unpublishes still counts. */
  hasPublished: boolean;
}

/** The pages of all stages. */
export interface Pages {
  add(participant: Participant, peer: Peer): Page;
  shown(participant: Participant): ParticipantShown;
  tellOthers(type: ParticipantMessage["type"], participant: Participant): void;
  /** The page of that connection, if it is on the same stage. */
  neighbour(page: Page, connection: string): Page | undefined;
}

export interface PageConnection {
  /** Settles when the message has been dealt with. */
  receive(text: string): Promise<void>;
  closed(): void;
}

interface Stages {
  readonly ivs: MediaPlane;
  readonly clock: Clock;
  readonly pages: Pages;
}

/** Of WebSocket: the service closes, because its rules were broken. */
const POLICY = 1008;

export function pageConnection({ ivs, clock, pages }: Stages, peer: Peer): PageConnection {
  const mayReceive = messageBudget(clock);
  let page: Page | undefined;
  let isOpen = true;
  const stopWaiting = clock.after(JOIN_WITHIN_MS, () =>
    end("join", "TIMEOUT", `no join within ${JOIN_WITHIN_MS / 1000} s`),
  );

  const refuse = (request: string, code: string, message: string): void =>
    peer.send({ type: "refused", request, code, message });

  function end(request: string, code: string, message: string): void {
    refuse(request, code, message);
    peer.close(POLICY, code);
    closed();
  }

  function closed(): void {
    if (!isOpen) return;
    isOpen = false;
    stopWaiting();
    // Nothing happens to one who has left.
    if (page) ivs.vanish(page.participant);
  }

  async function join(token: string): Promise<void> {
    if (page) return refuse("join", "FAILED", "this connection has joined already");
    stopWaiting();
    const participant = await ivs.join(token);
    if (!isOpen) return ivs.vanish(participant);
    page = pages.add(participant, peer);
    const others = ivs.participantsOf(participant.stageArn).filter((other) => other !== participant);
    peer.send({
      type: "joined",
      participant: pages.shown(participant),
      others: others.map((other) => pages.shown(other)),
    });
  }

  async function obey(message: PageMessage): Promise<void> {
    if (message.type === "join") return join(message.token);
    if (!page) return refuse(message.type, "FAILED", "join comes first");
    act(page, message);
  }

  function act(self: Page, message: Exclude<PageMessage, { type: "join" }>): void {
    switch (message.type) {
      case "publish":
        return publish(self, message);
      case "mute":
        return mute(self, message);
      case "unpublish":
        return ivs.unpublish(self.participant);
      case "subscribe":
        return subscribe(self, message);
      case "signal":
        return relay(self, message);
      case "leave":
        return ivs.leave(self.participant);
    }
  }

  function publish(self: Page, { audioMuted, videoStopped }: Sent<"publish">): void {
    self.muted = { audioMuted, videoStopped };
    ivs.publish(self.participant);
    self.hasPublished = true;
    peer.send({ type: "published" });
  }

  function mute(self: Page, { audioMuted, videoStopped }: Sent<"mute">): void {
    self.muted = { audioMuted, videoStopped };
    pages.tellOthers("participant_muted", self.participant);
  }

  function subscribe(self: Page, { to, streams }: Sent<"subscribe">): void {
    const { maySubscribe, connectionId: from } = self.participant;
    if (!maySubscribe) return refuse("subscribe", "INSUFFICIENT_CAPABILITIES", "the token has no SUBSCRIBE");
    pages.neighbour(self, to)?.peer.send({ type: "subscription", from, streams });
  }

  /** If the other page has left meanwhile, the signal needs no answer: this page is notified that the other left. */
  function relay(self: Page, { to, type, description, ...rest }: Sent<"signal">): void {
    const other = pages.neighbour(self, to);
    if (!other) return;
    if (
      description &&
      sendsMedia(description.sdp) &&
      !(self.hasPublished && other.participant.maySubscribe)
    ) {
      const who = self.hasPublished ? "the other may not subscribe" : "nothing is published here";
      return refuse(
        "signal",
        "INSUFFICIENT_CAPABILITIES",
        `${description.type}: it would send media, but ${who}`,
      );
    }
    other.peer.send({ type, from: self.participant.connectionId, description, ...rest });
  }

  return {
    closed,
    async receive(text) {
      if (!isOpen) return;
      if (!mayReceive()) {
        return end("message", "FAILED", `more than ${MESSAGES_PER_SECOND} messages a second`);
      }
      const parsed = pageMessageSchema.safeParse(jsonIn(text));
      if (!parsed.success) return refuse("message", "FAILED", z.prettifyError(parsed.error));
      try {
        await obey(parsed.data);
      } catch (error) {
        if (!(error instanceof StageError)) throw error;
        if (parsed.data.type === "join") return end("join", error.code, error.message);
        refuse(parsed.data.type, error.code, error.message);
      }
    },
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True as long as the page sends no more than it may. */
function messageBudget(clock: Clock): () => boolean {
  let left = MESSAGES_BURST;
  let atMs = clock.now();
  return () => {
    const nowMs = clock.now();
    left = Math.min(MESSAGES_BURST, left + ((nowMs - atMs) / 1000) * MESSAGES_PER_SECOND) - 1;
    atMs = nowMs;
    return left >= 0;
  };
}
