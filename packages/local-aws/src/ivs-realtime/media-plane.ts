/**
 * The media plane, as far as a back end can tell: who is connected to a stage, and who publishes.
 *
 * M1 A participant has one connection: joining again with its token drops the older one.
 * M2 A session begins with the first join, and ends some minutes after the last participant has disconnected.
 * M3 A participant that does not leave and is not disconnected stays connected, publishing or not.
 * M4 A client that vanishes looks connected until its connection times out.
 * M5 A participant hears those who publish on its stage as long as it is connected and may subscribe. IVS announces
 *    publishing only: who just listens, joins and leaves without an event.
 */
import type { LocalAws } from "../local-aws.ts";
import { lettersAndDigits } from "./ids.ts";
import { StageError } from "./ivs-error.ts";
import { checkToken } from "./participant-token.ts";
import { stageEvents } from "./stage-events.ts";
import { type Connection, type LeftReason, type Stage, stageAt, type StageSession } from "./world.ts";
import type { ParticipantEvent, ParticipantGrant, SessionParticipant, World } from "./world.ts";

/** AWS says "a few minutes". */
export const SESSION_LINGERS_MS = 3 * 60_000;
/** Silence after which a connection counts as lost; AWS publishes no figure. */
export const CONNECTION_TIMEOUT_MS = 20_000;

export type Participant = Readonly<Connection>;

/** What has just become true of a participant. Who left says why in `leftReason`. */
export interface StageChange {
  readonly kind: "joined" | "left" | "published" | "unpublished";
  readonly participant: Participant;
}

export interface MediaPlane {
  /** Connects a client to the stage of its token. Rejects with a StageError. */
  readonly join: (token: string) => Promise<Participant>;
  /** Connects a client whose token need not be checked: checking takes longer than everything else of a short meeting. */
  readonly enter: (grant: ParticipantGrant) => Participant;
  /** Throws a StageError if the token or a quota forbids it. */
  readonly publish: (participant: Participant) => void;
  readonly unpublish: (participant: Participant) => void;
  readonly leave: (participant: Participant) => void;
  /** The client is gone without a word. */
  readonly vanish: (participant: Participant) => void;
  /** Who is connected, as IVS sees it, so with clients that vanished a moment ago. */
  readonly participantsOf: (stageArn: string) => Participant[];
  /** Whom a participant hears now (M5). */
  readonly heardBy: (participant: Participant) => Participant[];
  /** Hears of every change on every stage, as it happens; the returned function ends that. */
  readonly watch: (watcher: (change: StageChange) => void) => () => void;
}

/** What the API does to connections. */
export interface Connections {
  readonly drop: (stage: Stage, connection: Connection, reason: LeftReason) => void;
}

export function mediaPlane(world: World, localAws: LocalAws): MediaPlane & Connections {
  const announce = stageEvents(localAws);
  const watchers = new Set<(change: StageChange) => void>();

  function tell(kind: StageChange["kind"], participant: Participant): void {
    for (const watcher of watchers) watcher({ kind, participant });
  }

  function record({ stageArn, sessionId, participantId }: Connection, event: Omit<ParticipantEvent, "atMs">) {
    const session = world.stages.get(stageArn)?.sessions.find(({ id }) => id === sessionId);
    session?.participants.get(participantId)?.events.push({ ...event, atMs: localAws.clock.now() });
  }

  function beginSession(stage: Stage): StageSession {
    stage.cancelSessionEnd?.();
    if (stage.activeSession) return stage.activeSession;
    const session = {
      id: `st-${lettersAndDigits(13)}`,
      startMs: localAws.clock.now(),
      participants: new Map(),
    };
    stage.sessions.push(session);
    stage.activeSession = session;
    return session;
  }

  function endSessionLater(stage: Stage): void {
    stage.cancelSessionEnd = localAws.clock.after(SESSION_LINGERS_MS, () => {
      if (stage.activeSession) stage.activeSession.endMs = localAws.clock.now();
      delete stage.activeSession;
    });
  }

  function stopPublishing(connection: Connection): void {
    if (!connection.publishing) return;
    connection.publishing = false;
    world.publishers -= 1;
    record(connection, { name: "PUBLISH_STOPPED" });
    announce("Participant Unpublished", connection);
    tell("unpublished", connection);
  }

  function drop(stage: Stage, connection: Connection, reason: LeftReason): void {
    stopPublishing(connection);
    connection.connected = false;
    connection.leftReason = reason;
    stage.connections.delete(connection.participantId);
    record(connection, { name: "LEFT" });
    const remembered = stage.activeSession?.participants.get(connection.participantId);
    if (remembered) remembered.connected = false;
    localAws.meter("ivs:participant-second", (localAws.clock.now() - connection.joinedAtMs) / 1_000);
    if (stage.connections.size === 0) endSessionLater(stage);
    tell("left", connection);
  }

  function admit(stage: Stage, grant: ParticipantGrant): Connection {
    const older = stage.connections.get(grant.participantId);
    if (older) drop(stage, older, "token-reused");
    const session = beginSession(stage);
    const nowMs = localAws.clock.now();
    const remembered = session.participants.get(grant.participantId) ?? newcomer(grant, nowMs);
    remembered.connected = true;
    session.participants.set(grant.participantId, remembered);
    const connection = {
      ...grant,
      connectionId: lettersAndDigits(16),
      sessionId: session.id,
      joinedAtMs: nowMs,
      connected: true,
      publishing: false,
      vanished: false,
    };
    stage.connections.set(grant.participantId, connection);
    record(connection, { name: "JOINED" });
    tell("joined", connection);
    return connection;
  }

  /** The living connection behind what a client holds; undefined once it has been dropped. */
  function living(participant: Participant): { stage: Stage; connection: Connection } | undefined {
    const stage = world.stages.get(participant.stageArn);
    const connection = stage?.connections.get(participant.participantId);
    return stage && connection && connection === participant && !connection.vanished
      ? { stage, connection }
      : undefined;
  }

  function refusePublishing(
    connection: Connection,
    code: "INSUFFICIENT_CAPABILITIES" | "QUOTA_EXCEEDED",
  ): never {
    record(connection, { name: "PUBLISH_ERROR", errorCode: code });
    announce("Participant Publish Error", connection, code);
    throw new StageError(code, `participant ${connection.participantId} may not publish`);
  }

  return {
    drop,
    async join(token) {
      const { stage, grant } = checkToken(world, token, localAws.clock.now());
      const full = stage.connections.size >= world.quotas.participantsPerStage;
      if (full && !stage.connections.has(grant.participantId)) {
        throw new StageError("STAGE_AT_CAPACITY", `${stage.arn} has ${stage.connections.size} participants`);
      }
      return admit(stage, grant);
    },
    enter: (grant) => admit(stageAt(world, grant.stageArn), grant),
    publish(participant) {
      const found = living(participant);
      if (!found) throw new StageError("PARTICIPANT_DISCONNECTED", `left: ${participant.leftReason}`);
      const { stage, connection } = found;
      if (connection.publishing) return;
      if (!connection.mayPublish) refusePublishing(connection, "INSUFFICIENT_CAPABILITIES");
      const here = [...stage.connections.values()].filter(({ publishing }) => publishing).length;
      if (here >= world.quotas.publishersPerStage || world.publishers >= world.quotas.publishers) {
        refusePublishing(connection, "QUOTA_EXCEEDED");
      }
      connection.publishing = true;
      world.publishers += 1;
      const remembered = stage.activeSession?.participants.get(connection.participantId);
      if (remembered) remembered.everPublished = true;
      record(connection, { name: "PUBLISH_STARTED" });
      announce("Participant Published", connection);
      tell("published", connection);
    },
    unpublish(participant) {
      const found = living(participant);
      if (found) stopPublishing(found.connection);
    },
    leave(participant) {
      const found = living(participant);
      if (found) drop(found.stage, found.connection, "user-initiated");
    },
    vanish(participant) {
      const found = living(participant);
      if (!found) return;
      const { stage, connection } = found;
      connection.vanished = true;
      localAws.clock.after(CONNECTION_TIMEOUT_MS, () => {
        if (connection.connected) drop(stage, connection, "connection-lost");
      });
    },
    participantsOf: (stageArn) => [...(world.stages.get(stageArn)?.connections.values() ?? [])],
    heardBy(participant) {
      const { stage, connection } = living(participant) ?? {};
      if (!stage || !connection?.maySubscribe) return [];
      return [...stage.connections.values()].filter((other) => other !== connection && other.publishing);
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}

function newcomer(
  { participantId, userId, attributes }: ParticipantGrant,
  nowMs: number,
): SessionParticipant {
  return {
    participantId,
    userId,
    attributes,
    firstJoinMs: nowMs,
    events: [],
    connected: true,
    everPublished: false,
  };
}
