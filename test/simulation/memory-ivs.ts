/**
 * IVS Real-Time in memory: stages, who is connected, who publishes. It reports publishing, and nothing else, to its listener.
 * The model keeps to what packages/local-aws/src/ivs-realtime/media-plane.ts says of sessions and connections.
 */
import { ResourceNotFoundException } from "@aws-sdk/client-ivs-realtime";
import type { Input } from "./model-aws.ts";
import type { VirtualTime } from "./virtual-time.ts";

const SESSION_LINGERS_MS = 3 * 60_000;
const CONNECTION_TIMEOUT_MS = 20_000;
const PAGE = 100;

export interface Participant {
  readonly participantId: string;
  readonly callId: string;
  readonly userId: string;
  readonly stageArn: string;
  readonly sinceMs: number;
  connected: boolean;
  publishing: boolean;
}

interface Stage {
  readonly arn: string;
  readonly participants: Map<string, Participant>;
  /** Ids of tokens that a disconnection has ended. */
  readonly ended: Set<string>;
  sessions: number;
  emptySinceMs: number;
}

export interface Published {
  readonly name: "Participant Published" | "Participant Unpublished";
  readonly participantId: string;
  readonly atMs: number;
}

export interface MemoryIvs {
  run(operation: string, input: Input): unknown;
  /** Undefined if the token lets nobody in. */
  join(token: string): Participant | undefined;
  publish(participant: Participant): void;
  leave(participant: Participant): void;
  /** The phone is gone without a word: IVS finds it out later. */
  vanish(participant: Participant): void;
  connected(stageArn: string): Participant[];
  readonly stages: ReadonlyMap<string, Stage>;
}

export interface MemoryIvsOptions {
  readonly time: VirtualTime;
  readonly stackName: string;
  readonly tell: (published: Published) => void;
  readonly onJoin: (participant: Participant) => void;
}

const gone = (arn: unknown): Error =>
  new ResourceNotFoundException({ message: `${String(arn)} does not exist`, $metadata: {} } as never);

export function memoryIvs({ time, stackName, tell, onJoin }: MemoryIvsOptions): MemoryIvs {
  const stages = new Map<string, Stage>();
  const connectedOn = ({ participants }: Stage): Participant[] =>
    [...participants.values()].filter(({ connected }) => connected);
  const sessionOf = (stage: Stage): string | undefined => {
    const lingers = stage.sessions > 0 && time.now() < stage.emptySinceMs + SESSION_LINGERS_MS;
    return connectedOn(stage).length > 0 || lingers ? `session-${stage.sessions}` : undefined;
  };

  function stageOf(arn: unknown): Stage {
    const stage = stages.get(String(arn));
    if (!stage) throw gone(arn);
    return stage;
  }

  function describe(stage: Stage) {
    const activeSessionId = sessionOf(stage);
    const id = stage.arn.slice(stage.arn.lastIndexOf("/") + 1);
    return {
      arn: stage.arn,
      tags: { "ringmaster:stack": stackName },
      endpoints: { events: `wss://${id}.example`, whip: `https://${id}.example` },
      ...(activeSessionId && { activeSessionId }),
    };
  }

  function createStage() {
    const id = `S${String(stages.size + removed).padStart(11, "0")}`;
    const arn = `arn:aws:ivs:us-east-1:000000000000:stage/${id}`;
    const stage: Stage = { arn, participants: new Map(), ended: new Set(), sessions: 0, emptySinceMs: 0 };
    stages.set(arn, stage);
    return { stage: describe(stage) };
  }

  function stop(participant: Participant): void {
    if (!participant.publishing) return;
    participant.publishing = false;
    const { participantId } = participant;
    tell({ name: "Participant Unpublished", participantId, atMs: time.now() });
  }

  function drop(participant: Participant): void {
    if (!participant.connected) return;
    stop(participant);
    participant.connected = false;
    const stage = stages.get(participant.stageArn);
    if (stage && connectedOn(stage).length === 0) stage.emptySinceMs = time.now();
  }

  let removed = 0;
  const operations: Readonly<Record<string, (input: Input) => unknown>> = {
    CreateStage: createStage,
    GetStage: ({ arn }) => ({ stage: describe(stageOf(arn)) }),
    ListStages({ nextToken }) {
      const from = Number(nextToken ?? 0);
      const page = [...stages.values()].slice(from, from + PAGE).map(describe);
      return { stages: page, ...(from + PAGE < stages.size && { nextToken: String(from + PAGE) }) };
    },
    DeleteStage({ arn }) {
      const stage = stageOf(arn);
      for (const participant of connectedOn(stage)) drop(participant);
      stages.delete(stage.arn);
      removed += 1;
      return {};
    },
    ListParticipants: ({ stageArn }) => ({ participants: connectedOn(stageOf(stageArn)) }),
    DisconnectParticipant({ stageArn, participantId }) {
      const stage = stageOf(stageArn);
      const participant = stage.participants.get(String(participantId));
      if (!participant) throw gone(participantId);
      stage.ended.add(participant.participantId);
      drop(participant);
      return {};
    },
  };

  return {
    stages,
    run(operation, input) {
      const found = operations[operation];
      if (!found) throw new Error(`the simulation's IVS has no ${operation}`);
      return found(input);
    },
    join(token) {
      const { exp, jti, resource, user_id: userId, attributes } = claimsOf(token);
      const stage = stages.get(resource);
      if (!stage || exp * 1000 <= time.now() || stage.ended.has(jti)) return undefined;
      const before = stage.participants.get(jti);
      if (before) drop(before);
      if (!sessionOf(stage)) stage.sessions += 1;
      const { callId } = attributes;
      const joined: Participant = {
        participantId: jti,
        callId,
        userId,
        stageArn: resource,
        sinceMs: time.now(),
        connected: true,
        publishing: false,
      };
      stage.participants.set(jti, joined);
      onJoin(joined);
      return joined;
    },
    publish(participant) {
      if (!participant.connected || participant.publishing) return;
      participant.publishing = true;
      const { participantId } = participant;
      tell({ name: "Participant Published", participantId, atMs: time.now() });
    },
    leave: drop,
    vanish: (participant) => void time.at(time.now() + CONNECTION_TIMEOUT_MS, () => drop(participant)),
    connected(stageArn) {
      const stage = stages.get(stageArn);
      return stage ? connectedOn(stage) : [];
    },
  };
}

interface Claims {
  readonly exp: number;
  readonly jti: string;
  readonly resource: string;
  readonly user_id: string;
  readonly attributes: { readonly callId: string };
}

const claimsOf = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Claims;
