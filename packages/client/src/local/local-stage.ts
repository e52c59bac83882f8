/**
 * The stage of a local runtime: the SDK's interface over WebRTC from page to page. Who is there and who may do what is the
 * local IVS's to say, over its signalling; media never passes it.
 */
import { constructorOf } from "../ivs/constructor-of.ts";
import { createEmitter } from "../ivs/emitter.ts";
import { createLocalStream } from "./local-stream.ts";
import { createPublication, type Publication } from "./publication.ts";
import { createRemoteParticipant, infoOf, type RemoteParticipant } from "./remote-participant.ts";
import { joinStage, type ParticipantShown, type Signalling, type StageMessage } from "./signalling.ts";
import { stageError } from "./stage-error.ts";
import type {
  Stage,
  StageConnectionState,
  StageError,
  StageErrorCategory,
  StageEventMap,
  StageLeftReason,
  StageParticipantInfo,
  StageSdk,
  StageStrategy,
} from "./stage.ts";

/** On the origin of the page, which the local runtime serves. */
export function signallingUrlOf(pageUrl: string): string {
  const url = new URL("/local/ivs/signalling", pageUrl);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** The SDK's classes; here, functions that make what `new` gives. */
export function localStageSdk(signallingUrl: string): StageSdk {
  return {
    Stage: constructorOf((token: string, strategy: StageStrategy) =>
      createLocalStage({ signallingUrl, token, strategy }),
    ),
    LocalStageStream: constructorOf(createLocalStream),
  };
}

interface LocalStageOptions {
  readonly signallingUrl: string;
  readonly token: string;
  readonly strategy: StageStrategy;
}

/** As long as this page is on the stage. */
interface Presence {
  readonly signalling: Signalling;
  readonly info: StageParticipantInfo;
  readonly publication: Publication;
  /** By connection. */
  readonly remotes: Map<string, RemoteParticipant>;
}

function createLocalStage({ signallingUrl, token, strategy }: LocalStageOptions): Stage {
  const { on, off, emit } = createEmitter<StageEventMap>();
  let state: StageConnectionState = "disconnected";
  let presence: Presence | undefined;
  /** Rises with each join and leave: a join that was given up must not succeed later. */
  let attempt = 0;

  function setState(next: StageConnectionState): void {
    state = next;
    emit("stageConnectionStateChanged", next);
  }

  const report = (code: string, category: StageErrorCategory, message: string): void =>
    emit("error", stageError(code, category, message));

  async function join(): Promise<void> {
    if (presence || state === "connecting") throw stageError("CANCELED", "JOIN_ERROR", "joined already");
    attempt += 1;
    const mine = attempt;
    setState("connecting");
    const signalling = await joinStage(signallingUrl, token, { message: hear, lost }).catch(
      (error: StageError) => {
        if (mine === attempt) {
          setState("errored");
          emit("error", error);
        }
        throw error;
      },
    );
    if (mine === attempt) return enter(signalling);
    signalling.send({ type: "leave" });
    signalling.close();
    throw stageError("CANCELED", "JOIN_ERROR", "left before the stage was joined");
  }

  function enter(signalling: Signalling): void {
    const { participant, others } = signalling.joined;
    const info = infoOf(participant, true);
    const entered = { signalling, info, publication: publicationOf(signalling, info), remotes: new Map() };
    presence = entered;
    addEventListener("beforeunload", leave);
    setState("connected");
    emit("stageParticipantJoined", info);
    // A listener may leave the stage again.
    for (const other of others) if (presence === entered) add(entered, other);
    if (presence === entered) entered.publication.refresh();
  }

  function publicationOf(signalling: Signalling, info: StageParticipantInfo): Publication {
    const muted = () => ({ audioMuted: info.audioMuted, videoStopped: info.videoStopped });
    return createPublication(info, strategy, {
      publish: () => signalling.send({ type: "publish", ...muted() }),
      unpublish: () => signalling.send({ type: "unpublish" }),
      mute: () => signalling.send({ type: "mute", ...muted() }),
      tracksChanged() {
        const tracks = presence?.publication.tracks() ?? {};
        for (const remote of presence?.remotes.values() ?? []) remote.offered(tracks);
      },
      stateChanged: (next) => emit("stageParticipantPublishStateChanged", info, next),
      added: (streams) => emit("stageParticipantStreamsAdded", info, streams),
      removed: (streams) => emit("stageParticipantStreamsRemoved", info, streams),
      muteChanged: (stream) => emit("stageStreamMuteChanged", info, stream),
    });
  }

  function add({ signalling, publication, remotes }: Presence, shown: ParticipantShown): void {
    const to = shown.connection;
    const remote = createRemoteParticipant(shown, {
      offers: signalling.joined.participant.connection < to,
      say: (signal) => signalling.send({ type: "signal", to, ...signal }),
      askFor: (streams) => signalling.send({ type: "subscribe", to, streams }),
      added: (streams) => emit("stageParticipantStreamsAdded", remote.info, streams),
      removed: (streams) => emit("stageParticipantStreamsRemoved", remote.info, streams),
      muteChanged: (stream) => emit("stageStreamMuteChanged", remote.info, stream),
      subscribeChanged: (next) => emit("stageParticipantSubscribeStateChanged", remote.info, next),
      failed: (why) => report("FAILED", "SUBSCRIBE_ERROR", why),
    });
    remotes.set(to, remote);
    emit("stageParticipantJoined", remote.info);
    remote.offered(publication.tracks());
    subscribeTo(remote);
  }

  function subscribeTo(remote: RemoteParticipant): void {
    // Its listeners may have left the stage meanwhile. A token without SUBSCRIBE is asked nothing.
    if (!presence?.info.capabilities.has("subscribe")) return;
    remote.subscribe(strategy.shouldSubscribeToParticipant(remote.info));
  }

  function hear(message: StageMessage): void {
    if (!presence) return;
    switch (message.type) {
      case "participant_joined":
        return add(presence, message.participant);
      case "participant_left":
        return remove(presence, message.participant);
      case "participant_published":
      case "participant_unpublished":
      case "participant_muted":
        return update(presence, message.participant);
      case "subscription":
        return presence.remotes.get(message.from)?.wants(message.streams);
      case "signal":
        return presence.remotes.get(message.from)?.hear(message);
      case "published":
        return presence.publication.granted();
      case "refused":
        return refused(presence, message);
      case "left":
        // Reasons of the local IVS are the SDK's, but for a connection that it counts as lost.
        return leaveWith(
          (message.reason === "connection-lost" ? "unknown" : message.reason) as StageLeftReason,
        );
    }
  }

  function remove({ remotes }: Presence, { connection }: ParticipantShown): void {
    const remote = remotes.get(connection);
    if (!remote) return;
    remotes.delete(connection);
    remote.close();
    emit("stageParticipantLeft", remote.info);
  }

  function update({ remotes }: Presence, shown: ParticipantShown): void {
    const remote = remotes.get(shown.connection);
    if (!remote) return;
    const { isPublishing } = remote.info;
    remote.update(shown);
    if (isPublishing !== shown.isPublishing) {
      emit(
        "stageParticipantPublishStateChanged",
        remote.info,
        shown.isPublishing ? "published" : "not_published",
      );
    }
    subscribeTo(remote);
  }

  function refused(
    { publication }: Presence,
    { request, code, message }: Extract<StageMessage, { type: "refused" }>,
  ): void {
    if (request === "publish") publication.refused();
    report(code, request === "subscribe" ? "SUBSCRIBE_ERROR" : "PUBLISH_ERROR", message);
  }

  /** Media goes on for as long as the browsers reach each other, and the service has not noticed. */
  function lost(): void {
    setState("errored");
    report(
      "FAILED",
      "JOIN_ERROR",
      "the connection to the stage is lost: rejoin with a fresh participant token",
    );
  }

  function leaveWith(reason: StageLeftReason): void {
    attempt += 1;
    const left = presence;
    presence = undefined;
    removeEventListener("beforeunload", leave);
    if (!left) {
      if (state === "connecting") setState("disconnected");
      return;
    }
    left.publication.end();
    emit("stageParticipantLeft", left.info);
    for (const remote of left.remotes.values()) {
      remote.close();
      emit("stageParticipantLeft", remote.info);
    }
    left.signalling.close();
    setState("disconnected");
    emit("stageLeft", reason);
  }

  function leave(): void {
    presence?.signalling.send({ type: "leave" });
    leaveWith("user-initiated");
  }

  function refreshStrategy(): void {
    for (const remote of presence?.remotes.values() ?? []) subscribeTo(remote);
    presence?.publication.refresh();
  }

  return { join, leave, refreshStrategy, on, off };
}
