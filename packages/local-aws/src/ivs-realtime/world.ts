/** Everything the local IVS knows: stages with their sessions and participants, public keys, issued tokens. */
import type { KeyObject } from "node:crypto";
import { notFound } from "./ivs-error.ts";

export type StringMap = Readonly<Record<string, string>>;

export interface StageEndpoints {
  readonly events: string;
  readonly whip: string;
  readonly rtmp: string;
  readonly rtmps: string;
}

/** What a participant token allows, whether signed by us or issued by IVS. */
export interface ParticipantGrant {
  readonly participantId: string;
  readonly stageArn: string;
  readonly userId: string;
  readonly attributes: StringMap;
  readonly mayPublish: boolean;
  readonly maySubscribe: boolean;
  readonly expiresAtMs: number;
}

export type LeftReason =
  | "user-initiated"
  | "token-reused"
  | "participant-disconnected"
  | "stage-deleted"
  | "connection-lost";

/** One connection of a client to a stage. */
export interface Connection extends ParticipantGrant {
  /** Its own, also among connections of one participant. */
  readonly connectionId: string;
  readonly sessionId: string;
  readonly joinedAtMs: number;
  connected: boolean;
  publishing: boolean;
  /** The client is gone, and IVS has not noticed yet. */
  vanished: boolean;
  leftReason?: LeftReason;
}

export interface ParticipantEvent {
  readonly name: "JOINED" | "LEFT" | "PUBLISH_STARTED" | "PUBLISH_STOPPED" | "PUBLISH_ERROR";
  readonly atMs: number;
  readonly errorCode?: string;
}

/** What a stage session remembers of a participant, over all its connections. */
export interface SessionParticipant {
  readonly participantId: string;
  readonly userId: string;
  readonly attributes: StringMap;
  readonly firstJoinMs: number;
  readonly events: ParticipantEvent[];
  connected: boolean;
  everPublished: boolean;
}

export interface StageSession {
  readonly id: string;
  readonly startMs: number;
  readonly participants: Map<string, SessionParticipant>;
  endMs?: number;
}

export interface Stage {
  readonly arn: string;
  /** Position in the order of creation, so that paging survives deletions. */
  readonly serial: number;
  readonly endpoints: StageEndpoints;
  readonly tags: Map<string, string>;
  /** Oldest first. */
  readonly sessions: StageSession[];
  readonly connections: Map<string, Connection>;
  /** Participant IDs whose token no longer works here. */
  readonly disconnected: Set<string>;
  name: string;
  activeSession?: StageSession;
  cancelSessionEnd?: () => void;
}

export interface PublicKey {
  readonly arn: string;
  readonly name: string;
  readonly material: string;
  readonly fingerprint: string;
  readonly key: KeyObject;
  readonly tags: Map<string, string>;
}

/** Quotas that AWS raises on request, except the publishers of one stage. */
export interface IvsQuotas {
  readonly stages: number;
  readonly publishers: number;
  readonly publishersPerStage: number;
  readonly participantsPerStage: number;
}

export interface World {
  readonly quotas: IvsQuotas;
  /** One that was changed is set again, so that the change lasts. */
  readonly stages: Map<string, Stage>;
  readonly deletedStages: Map<string, true>;
  readonly keys: Map<string, PublicKey>;
  readonly issuedTokens: Map<string, ParticipantGrant>;
  stagesCreated: number;
  publishers: number;
}

export function stageAt(world: World, arn: string): Stage {
  const stage = world.stages.get(arn);
  if (!stage) throw notFound(arn);
  return stage;
}

export function sessionOf(stage: Stage, sessionId: string): StageSession {
  const session = stage.sessions.find(({ id }) => id === sessionId);
  if (!session) throw notFound(sessionId);
  return session;
}
