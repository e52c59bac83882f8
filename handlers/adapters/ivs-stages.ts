/** Stages of IVS Real-Time. 5 calls a second of each operation for the whole account: callers pace themselves. */
import {
  CreateStageCommand,
  DeleteStageCommand,
  DisconnectParticipantCommand,
  GetStageCommand,
  IVSRealTimeClient,
  ListParticipantsCommand,
  ListStagesCommand,
  ResourceNotFoundException,
  type Stage as IvsStage,
} from "@aws-sdk/client-ivs-realtime";
import { type Stage, stageSchema } from "../../calls/call.ts";
import type { Environment } from "../environment.ts";
import { clientOptions } from "./client-options.ts";

/** The tag by which a stack knows its own stages. */
const OWNER_TAG = "ringmaster:stack";

export interface ListedStage {
  readonly stageId: string;
  readonly arn: string;
  /** A session is open on it: somebody is or was there until a moment ago. */
  readonly active: boolean;
}

export interface IvsStages {
  create(): Promise<Stage>;
  /** Undefined if the stage is gone. */
  get(arn: string): Promise<Stage | undefined>;
  /** One page of this stack's stages. */
  list(nextToken?: string): Promise<{ stages: ListedStage[]; nextToken: string | undefined }>;
  /** Ids of the participants connected in the stage's present session. */
  connected(arn: string, sessionId: string): Promise<string[]>;
  sessionOf(arn: string): Promise<string | undefined>;
  disconnect(arn: string, participantId: string): Promise<void>;
  /** Deleting disconnects everybody and ends every token of the stage. */
  remove(arn: string): Promise<void>;
}

export function ivsStages({ AWS_REGION, STACK_NAME }: Environment<"AWS_REGION" | "STACK_NAME">): IvsStages {
  const client = new IVSRealTimeClient(clientOptions(AWS_REGION));
  const found = async (arn: string): Promise<IvsStage | undefined> => {
    try {
      return (await client.send(new GetStageCommand({ arn }))).stage;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  };
  return {
    async create() {
      const { stage } = await client.send(new CreateStageCommand({ tags: { [OWNER_TAG]: STACK_NAME } }));
      return parseStage(stage);
    },
    async get(arn) {
      const stage = await found(arn);
      return stage && parseStage(stage);
    },
    async sessionOf(arn) {
      return (await found(arn))?.activeSessionId || undefined;
    },
    async list(nextToken) {
      const page = await client.send(new ListStagesCommand({ maxResults: 100, nextToken }));
      const own = (page.stages ?? []).filter(({ tags }) => tags?.[OWNER_TAG] === STACK_NAME);
      const stages = own.map(({ arn = "", activeSessionId }) => ({
        arn,
        stageId: idOf(arn),
        active: !!activeSessionId,
      }));
      return { stages, nextToken: page.nextToken };
    },
    async connected(stageArn, sessionId) {
      const command = new ListParticipantsCommand({
        stageArn,
        sessionId,
        filterByState: "CONNECTED",
        maxResults: 100,
      });
      const { participants = [] } = await client.send(command);
      return participants.flatMap(({ participantId }) => participantId ?? []);
    },
    async disconnect(stageArn, participantId) {
      await client.send(new DisconnectParticipantCommand({ stageArn, participantId, reason: "call over" }));
    },
    async remove(arn) {
      try {
        await client.send(new DeleteStageCommand({ arn }));
      } catch (error) {
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
    },
  };
}

const idOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

function parseStage(stage: IvsStage | undefined): Stage {
  const arn = stage?.arn ?? "";
  return stageSchema.parse({ arn, stageId: idOf(arn), endpoints: stage?.endpoints });
}
