/**
 * One RTCPeerConnection with another page, in both directions.
 *
 * P1 Exactly one of the two offers, and the other asks it to: offers never collide. (Chromium may send no candidates after an
 *    offer that it has rolled back, so "perfect negotiation" leaves about one call in eight without media.)
 * P2 There is one section for audio and one for video, from the first offer on, whichever side sends in them.
 * P3 Each side decides only what it sends. What the other sends is what was subscribed to, and is always taken.
 * P4 Without STUN or TURN: both pages are on this machine, or on its network.
 */
import type { Signal } from "./signalling.ts";
import { streamTypeOf } from "./local-stream.ts";
import type { StreamType } from "./stage.ts";

export const STREAM_TYPES: readonly StreamType[] = ["audio", "video"];
export type Tracks = Readonly<Partial<Record<StreamType, MediaStreamTrack>>>;

/** A network that changes is followed this often, without a success in between. */
const MOST_RESTARTS = 3;

export interface Peer {
  /** From now on, exactly these. */
  send(tracks: Tracks): void;
  received(): Tracks;
  hear(signal: Signal): Promise<void>;
  close(): void;
}

interface PeerOptions {
  /** Of the two sides exactly one offers. */
  readonly offers: boolean;
  readonly say: (signal: Signal) => void;
  /** What is received, or whether it arrives, may be another now. */
  readonly changed: (isConnected: boolean) => void;
  readonly failed: (why: string) => void;
}

export function openPeer({ offers, say, changed, failed }: PeerOptions): Peer {
  const pc = new RTCPeerConnection();
  let tracks: Tracks = {};
  /** A sender has another track only a moment after it was told so: what it was told last is what counts. */
  const told = new Map<RTCRtpSender, MediaStreamTrack | null>();
  let awaitsAnswer = false;
  let offerAgain = false;
  let failures = 0;

  const tell = (): void => changed(pc.connectionState === "connected");

  async function guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // What was under way when the page hung up needs no answer.
      if (pc.signalingState !== "closed") failed(String(error));
    }
  }

  /** Lets the transceivers send what is to be sent; true if the other side has to hear of it. */
  async function applyTracks(): Promise<boolean> {
    let news = false;
    for (const transceiver of pc.getTransceivers()) {
      const track = tracks[streamTypeOf(transceiver.receiver.track)] ?? null;
      const direction = track ? "sendrecv" : "recvonly";
      news ||= transceiver.direction !== direction;
      transceiver.direction = direction;
      if ((told.get(transceiver.sender) ?? null) === track) continue;
      told.set(transceiver.sender, track);
      await transceiver.sender.replaceTrack(track);
    }
    return news;
  }

  async function describe(): Promise<void> {
    await pc.setLocalDescription();
    const { localDescription } = pc;
    // Without an argument, the browser makes an offer or an answer and nothing else.
    if (localDescription) say({ description: localDescription.toJSON() as Signal["description"] });
  }

  async function offer(): Promise<void> {
    offerAgain = awaitsAnswer;
    if (awaitsAnswer) return;
    awaitsAnswer = true;
    await describe();
  }

  async function takeDescription(description: NonNullable<Signal["description"]>): Promise<void> {
    await pc.setRemoteDescription(description);
    if (description.type === "offer") {
      await applyTracks();
      await describe();
    } else awaitsAnswer = false;
    tell();
    if (offerAgain) await offer();
  }

  function connectionChanged(): void {
    if (pc.connectionState === "connected") failures = 0;
    if (pc.connectionState !== "failed") return tell();
    failures += 1;
    if (failures > MOST_RESTARTS) return failed("no way to the other browser was found");
    if (offers) pc.restartIce();
  }

  if (offers) {
    for (const type of STREAM_TYPES) pc.addTransceiver(type, { direction: "recvonly" });
    pc.addEventListener("negotiationneeded", () => void guarded(offer));
  }
  pc.addEventListener("connectionstatechange", connectionChanged);
  pc.addEventListener("icecandidate", ({ candidate }) => {
    if (candidate) say({ candidate: { ...candidate.toJSON(), candidate: candidate.candidate } });
  });

  return {
    send: (next) =>
      void guarded(async () => {
        tracks = next;
        const isFirst = pc.getTransceivers().length === 0;
        const news = await applyTracks();
        if (!offers && (news || isFirst)) say({ negotiate: true });
      }),
    received: () => receivedBy(pc),
    hear: ({ description, candidate, negotiate }) =>
      guarded(async () => {
        if (description) await takeDescription(description);
        if (candidate) await pc.addIceCandidate(candidate);
        if (negotiate && offers) await offer();
      }),
    close: () => pc.close(),
  };
}

/** Tracks that the last negotiation has agreed on. */
function receivedBy(pc: RTCPeerConnection): Tracks {
  const tracks: Partial<Record<StreamType, MediaStreamTrack>> = {};
  for (const { currentDirection, receiver } of pc.getTransceivers()) {
    const receives = currentDirection === "sendrecv" || currentDirection === "recvonly";
    if (receives) tracks[streamTypeOf(receiver.track)] = receiver.track;
  }
  return tracks;
}
