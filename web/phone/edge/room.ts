/** The stage of a call, by IVS's SDK or the local one, with this page's camera and microphone. */
import type { Media } from "../../../calls/call.ts";
import type { LocalStageStream, Stage, StageSdk, StageStrategy } from "../../media/stage.ts";
import { listeners } from "../state/listeners.ts";
import type { Room, RoomEvent, RoomState } from "../state/room.ts";
import { type StageParties, stageParties } from "../state/stage-parties.ts";
import { capture, type Captured, one } from "./capture.ts";

const EMPTY: RoomState = {
  hasMicrophone: false,
  muted: false,
  cameraOn: false,
  trouble: {},
  parties: [],
  leftAlone: false,
};

/** One time on a stage. */
interface Visit {
  readonly callId: string;
  readonly stage: Stage;
  readonly streams: Map<string, LocalStageStream>;
  readonly parties: StageParties;
  /** The loss of this connection has been told. */
  lost: boolean;
}

export function openRoom(loadSdk: () => Promise<StageSdk>): Room {
  const watchers = listeners();
  let state: RoomState = EMPTY;
  let tracks: readonly MediaStreamTrack[] = [];
  let visit: Visit | undefined;
  /** Rises when everything before is out of date: what was asked for earlier comes to nothing. */
  let turn = 0;
  /** The latest token is the one to join with. */
  let joins = 0;
  let tellPhone: (event: RoomEvent) => void = () => undefined;

  function change(next: Partial<RoomState>): void {
    state = { ...state, ...next };
    watchers.tell();
  }

  function take({ tracks: got, trouble }: Captured): void {
    tracks = [...tracks, ...got];
    change({ trouble: { ...state.trouble, ...trouble } });
    tracksChanged();
  }

  function tracksChanged(): void {
    const video = tracks.find(({ kind }) => kind === "video");
    change({
      ownVideo:
        video && (state.ownVideo?.getTracks()[0] === video ? state.ownVideo : new MediaStream([video])),
      cameraOn: video !== undefined,
      hasMicrophone: tracks.some(({ kind }) => kind === "audio"),
    });
    setMuted(state.muted);
    visit?.stage.refreshStrategy();
  }

  async function obtain(wanted: Promise<Captured>): Promise<void> {
    const mine = turn;
    const got = await wanted;
    if (mine === turn) return take(got);
    for (const track of got.tracks) track.stop();
  }

  function prepare(media: Media): void {
    turn += 1;
    stopTracks();
    change(EMPTY);
    void obtain(capture(media));
  }

  function stopTracks(): void {
    for (const track of tracks) track.stop();
    tracks = [];
  }

  async function join(callId: string, token: string): Promise<void> {
    joins += 1;
    const [mine, at] = [joins, turn];
    const isStale = (): boolean => mine !== joins || at !== turn;
    leaveStage();
    try {
      const sdk = await loadSdk();
      if (isStale()) return;
      visit = visitOf(sdk, callId, token);
      listen(visit);
      await visit.stage.join();
    } catch (error) {
      if (!isStale()) lose(callId, visit, false);
      console.warn("The stage could not be joined.", error);
    }
  }

  function visitOf(sdk: StageSdk, callId: string, token: string): Visit {
    const streams = new Map<string, LocalStageStream>();
    const parties = stageParties((those) => new MediaStream(those));
    const streamOf = (track: MediaStreamTrack): LocalStageStream => {
      const stream = streams.get(track.id) ?? new sdk.LocalStageStream(track);
      streams.set(track.id, stream);
      return stream;
    };
    // Who is on this stage and not of this call is a stranger: nothing is said while they listen.
    const strategy: StageStrategy = {
      stageStreamsToPublish: () => tracks.map(streamOf),
      shouldPublishParticipant: () => tracks.length > 0 && parties.allOf(callId),
      shouldSubscribeToParticipant: () => (parties.allOf(callId) ? "audio_video" : "none"),
    };
    return { callId, stage: new sdk.Stage(token, strategy), streams, parties, lost: false };
  }

  function listen(mine: Visit): void {
    const { stage, parties } = mine;
    /** Of the others, and only while this is the visit. */
    const show = (happen: () => void) => (): void => {
      if (visit !== mine) return;
      happen();
      change({ parties: parties.list() });
    };
    stage.on("stageConnectionStateChanged", (next) => {
      if (next === "connected") connected(mine);
      if (next === "errored") lose(mine.callId, mine, false);
    });
    stage.on("stageLeft", (why) => lose(mine.callId, mine, why === "token-reused"));
    stage.on("stageParticipantJoined", (info) => {
      if (info.isLocal) return;
      show(() => parties.joined(info))();
      change({ leftAlone: false });
      stage.refreshStrategy();
    });
    stage.on("stageParticipantLeft", (info) => {
      if (info.isLocal) return;
      show(() => parties.left(info))();
      if (visit !== mine || !parties.isEmpty()) return;
      change({ leftAlone: true });
      tellPhone({ is: "alone", callId: mine.callId });
    });
    stage.on("stageParticipantStreamsAdded", (info, streams) => {
      if (!info.isLocal) show(() => parties.added(info, streams))();
    });
    stage.on("stageParticipantStreamsRemoved", (info, streams) => {
      if (!info.isLocal) show(() => parties.removed(info, streams))();
    });
    stage.on(
      "stageStreamMuteChanged",
      show(() => undefined),
    );
  }

  function connected(mine: Visit): void {
    if (visit !== mine) return;
    mine.lost = false;
    tellPhone({ is: "connected", callId: mine.callId });
  }

  function lose(callId: string, mine: Visit | undefined, moved: boolean): void {
    if (visit !== mine || (mine?.lost && !moved)) return;
    if (mine) mine.lost = true;
    tellPhone({ is: "lost", callId, moved });
  }

  function leaveStage(): void {
    const left = visit;
    visit = undefined;
    left?.stage.leave();
    change({ parties: [], leftAlone: false });
  }

  function setMuted(muted: boolean): void {
    for (const track of tracks) {
      if (track.kind !== "audio") continue;
      const stream = visit?.streams.get(track.id);
      if (stream) stream.setMuted(muted);
      else track.enabled = !muted;
    }
    change({ muted });
  }

  /** Off lets go of the camera: its light goes out. */
  function setCamera(on: boolean): void {
    if (on === state.cameraOn) return;
    if (on) return void obtain(one("video"));
    for (const track of tracks) if (track.kind === "video") track.stop();
    tracks = tracks.filter(({ kind }) => kind !== "video");
    tracksChanged();
  }

  return {
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    prepare,
    join: (callId, token) => void join(callId, token),
    leave() {
      turn += 1;
      leaveStage();
      stopTracks();
      change(EMPTY);
    },
    setMuted,
    setCamera,
    onEvent: (listener) => void (tellPhone = listener),
  };
}
