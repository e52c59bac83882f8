/** What the stack of the model has stored, as the checkers read it. */
import type { Call } from "../../calls/call.ts";
import { CALL_ROW, HISTORY_PREFIX } from "../../handlers/store/tables.ts";
import { functionEnvironment } from "../function-environment.ts";
import type { Item } from "./expressions.ts";
import type { ModelStack } from "./stack.ts";

type Stored = Pick<ModelStack, "dynamodb">;

export const isCallRow = (row: Item): boolean => row["sk"] === CALL_ROW && row["callId"] !== undefined;

/** The stores have written them: their shape is checked when they are read. */
export const callsOf = ({ dynamodb }: Stored): Call[] =>
  dynamodb.items(functionEnvironment.CALLS_TABLE).filter(isCallRow) as unknown as Call[];

export const callOf = ({ dynamodb }: Stored, callId: string): Call | undefined =>
  dynamodb.item(functionEnvironment.CALLS_TABLE, { pk: callId, sk: CALL_ROW }) as unknown as Call | undefined;

export const historyRowsOf = ({ dynamodb }: Stored): Item[] =>
  dynamodb.items(functionEnvironment.CALLS_TABLE).filter(({ sk }) => String(sk).startsWith(HISTORY_PREFIX));

export const clientsOf = ({ dynamodb }: Stored): Item[] => dynamodb.items(functionEnvironment.CLIENTS_TABLE);

export const stagesOf = ({ dynamodb }: Stored): Item[] =>
  dynamodb.items(functionEnvironment.STAGES_TABLE).filter(({ arn }) => arn !== undefined);

export const stageOf = ({ dynamodb }: Stored, arn: string): Item | undefined =>
  dynamodb.item(functionEnvironment.STAGES_TABLE, { stageId: arn.slice(arn.lastIndexOf("/") + 1) });
