/**
 * Stages of IVS Real-Time, as the keeper of the pool makes, finds and deletes them. IVS allows 5 requests a second of each
 * operation for the whole account, so none is repeated here: `throttled` is an answer, and the keeper paces itself.
 */
import {
  CreateStageCommand,
  DeleteStageCommand,
  GetStageCommand,
  IVSRealTimeClient,
  ListParticipantsCommand,
  ListStagesCommand,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  type Stage as IvsStage,
  ValidationException,
} from "@aws-sdk/client-ivs-realtime";
import type { IvsEnvironment } from "./environment.ts";
import { clientOptions } from "../../edge/client-options.ts";
import { isThrottled } from "./ivs-throttle.ts";
import { type Stage, stageSchema } from "./stage.ts";

/** The tag by which a stack knows its own stages. */
const OWNER_TAG = "ringmaster:stack";

export interface ListedStage {
  readonly stageId: string;
  readonly arn: string;
  /** The session that is open on it, if any: somebody is or was there until a moment ago. */
  readonly sessionId?: string;
}

export interface StagePage {
  /** Of this stack; a page may have none. */
  readonly stages: readonly ListedStage[];
  readonly nextToken: string | undefined;
}

export interface IvsStages {
  create(): Promise<Stage | "quota full" | "throttled">;
  get(arn: string): Promise<Stage | "gone" | "throttled">;
  /** `bad token`: the place to go on from is not known any more. */
  list(nextToken?: string): Promise<StagePage | "bad token" | "throttled">;
  /** How many participants are connected in a session; none if stage or session are gone. */
  connected(arn: string, sessionId: string): Promise<number | "throttled">;
  /** Disconnects everybody and ends every token of the stage. One that is gone already is fine. */
  remove(arn: string): Promise<"removed" | "throttled">;
}

export function ivsStages({
  AWS_REGION,
  STACK_NAME,
}: IvsEnvironment<"AWS_REGION" | "STACK_NAME">): IvsStages {
  const client = new IVSRealTimeClient({ ...clientOptions(AWS_REGION), maxAttempts: 1 });
  return {
    create: () =>
      answered(
        async () => {
          const command = new CreateStageCommand({ tags: { [OWNER_TAG]: STACK_NAME } });
          return parseStage((await client.send(command)).stage);
        },
        (error) => (error instanceof ServiceQuotaExceededException ? "quota full" : undefined),
      ),
    get: (arn) =>
      answered(
        async () => parseStage((await client.send(new GetStageCommand({ arn }))).stage),
        ifMissing("gone"),
      ),
    list: (nextToken) =>
      answered(
        async () => {
          const page = await client.send(new ListStagesCommand({ maxResults: 100, nextToken }));
          const own = (page.stages ?? []).filter(({ tags }) => tags?.[OWNER_TAG] === STACK_NAME);
          return { stages: own.map(listed), nextToken: page.nextToken };
        },
        (error) => (nextToken && error instanceof ValidationException ? "bad token" : undefined),
      ),
    connected: (stageArn, sessionId) =>
      answered(async () => {
        const filter = { filterByState: "CONNECTED", maxResults: 100 } as const;
        const { participants = [] } = await client.send(
          new ListParticipantsCommand({ stageArn, sessionId, ...filter }),
        );
        return participants.length;
      }, ifMissing(0)),
    remove: (arn) =>
      answered(async () => {
        await client.send(new DeleteStageCommand({ arn }));
        return "removed" as const;
      }, ifMissing("removed")),
  };
}

/** What some errors mean; any other is thrown. */
async function answered<Reply, Meaning>(
  request: () => Promise<Reply>,
  meaningOf: (error: unknown) => Meaning | undefined,
): Promise<Reply | Meaning | "throttled"> {
  try {
    return await request();
  } catch (error) {
    if (isThrottled(error)) return "throttled";
    const meaning = meaningOf(error);
    if (meaning === undefined) throw error;
    return meaning;
  }
}

const ifMissing =
  <Meaning>(meaning: Meaning) =>
  (error: unknown): Meaning | undefined =>
    error instanceof ResourceNotFoundException ? meaning : undefined;

const idOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

function listed({
  arn = "",
  activeSessionId,
}: {
  arn?: string | undefined;
  activeSessionId?: string | undefined;
}): ListedStage {
  return { arn, stageId: idOf(arn), ...(activeSessionId && { sessionId: activeSessionId }) };
}

function parseStage(stage: IvsStage | undefined): Stage {
  const arn = stage?.arn ?? "";
  return stageSchema.parse({ arn, stageId: idOf(arn), endpoints: stage?.endpoints });
}
