/**
 * One RTCPeerConnection with another page, in both directions.
 *
 * P1 Either side may offer at any time; if both do, the impolite one's offer stands ("perfect negotiation", WebRTC 1.0, 10.7).
 * P2 Each side decides only what it sends. What the other sends is what was subscribed to, and is always taken.
 * P3 Without STUN or TURN: both pages are on this machine, or on its network.
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
  /** Of the two sides exactly one is polite. */
  readonly polite: boolean;
  readonly say: (signal: Signal) => void;
  /** What is received, or whether it arrives, may be another now. */
  readonly changed: (isConnected: boolean) => void;
  readonly failed: (why: string) => void;
}

export function openPeer({ polite, say, changed, failed }: PeerOptions): Peer {
  const pc = new RTCPeerConnection();
  const senders = new Map<StreamType, RTCRtpSender>();
  let offering = false;
  let settingAnswer = false;
  let ignoring = false;
  let restarts = 0;

  const isClosed = (): boolean => pc.signalingState === "closed";
  const tell = (): void => changed(pc.connectionState === "connected");
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // What was under way when the page hung up needs no answer.
      if (!isClosed()) failed(String(error));
    }
  };

  async function describe(): Promise<void> {
    await pc.setLocalDescription();
    const { localDescription } = pc;
    // Without an argument, the browser makes an offer or an answer and nothing else.
    if (localDescription) say({ description: localDescription.toJSON() as Signal["description"] });
  }

  async function offer(): Promise<void> {
    offering = true;
    try {
      await describe();
    } finally {
      offering = false;
    }
  }

  async function takeDescription(description: NonNullable<Signal["description"]>): Promise<void> {
    const isReady = !offering && (pc.signalingState === "stable" || settingAnswer);
    const collides = description.type === "offer" && !isReady;
    ignoring = collides && !polite;
    if (ignoring) return;
    settingAnswer = description.type === "answer";
    await pc.setRemoteDescription(description).finally(() => (settingAnswer = false));
    if (description.type === "offer") await describe();
    tell();
  }

  async function takeCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    // Candidates of an offer that was ignored belong to nothing.
    await pc.addIceCandidate(candidate).catch((error: unknown) => {
      if (!ignoring) throw error;
    });
  }

  function connectionChanged(): void {
    if (pc.connectionState === "connected") restarts = 0;
    if (pc.connectionState !== "failed") return tell();
    restarts += 1;
    if (restarts > MOST_RESTARTS) return failed("no way to the other browser was found");
    pc.restartIce();
  }

  pc.addEventListener("negotiationneeded", () => void guarded(offer));
  pc.addEventListener("connectionstatechange", connectionChanged);
  pc.addEventListener("icecandidate", ({ candidate }) => {
    if (candidate) say({ candidate: { ...candidate.toJSON(), candidate: candidate.candidate } });
  });

  function sendOne(type: StreamType, track: MediaStreamTrack | undefined): void {
    const sender = senders.get(type);
    if (sender === undefined) {
      if (track) senders.set(type, pc.addTrack(track));
      return;
    }
    if (sender.track === (track ?? null)) return;
    const transceiver = pc.getTransceivers().find((one) => one.sender === sender);
    if (transceiver) transceiver.direction = track ? "sendrecv" : "recvonly";
    void guarded(() => sender.replaceTrack(track ?? null));
  }

  return {
    send: (tracks) => STREAM_TYPES.forEach((type) => sendOne(type, tracks[type])),
    received: () => receivedBy(pc),
    hear: ({ description, candidate }) =>
      guarded(async () => {
        if (description) await takeDescription(description);
        if (candidate) await takeCandidate(candidate);
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
