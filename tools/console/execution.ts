/** One execution with its whole history, which is kept once it has ended, until it is redriven. */
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  DescribeStateMachineForExecutionCommand,
  type HistoryEvent as SdkEvent,
  paginateGetExecutionHistory,
} from "@aws-sdk/client-sfn";
import type { Reading } from "./reading.ts";
import type { ExecutionView, HistoryEvent } from "./views.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** A call that lasts four hours has some 400. */
const MOST_EVENTS = 5_000;
const PAGE = 1_000;

export const executionArnOf = (stateMachineArn: string, name: string): string =>
  `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;

/** Undefined if there is none of this ARN. */
export async function describeExecution(
  { sfn }: Reading,
  executionArn: string,
): Promise<DescribeExecutionCommandOutput | undefined> {
  try {
    return await sfn.send(new DescribeExecutionCommand({ executionArn }));
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionDoesNotExist") return undefined;
    throw error;
  }
}

export async function executionView(
  reading: Reading,
  executionArn: string,
): Promise<ExecutionView | undefined> {
  const described = await describeExecution(reading, executionArn);
  if (!described) return undefined;
  const known = reading.memory.executions.get(executionArn);
  if (known && known.stoppedAtMs === described.stopDate?.getTime()) return known;
  const [definition, history] = await Promise.all([
    definitionOf(reading, executionArn),
    historyOf(reading, executionArn),
  ]);
  const view = { ...headOf(described), definition, history };
  if (view.status !== "RUNNING") reading.memory.executions.set(executionArn, view);
  return view;
}

function headOf({
  executionArn = "",
  name = "",
  status,
  startDate,
  stopDate,
  ...said
}: DescribeExecutionCommandOutput) {
  return {
    executionArn,
    name,
    status: String(status),
    startedAtMs: startDate?.getTime() ?? 0,
    ...(stopDate && { stoppedAtMs: stopDate.getTime() }),
    input: withoutSecrets(parsed(said.input)),
    ...(said.output !== undefined && { output: withoutSecrets(parsed(said.output)) }),
    ...(said.error !== undefined && { error: said.error }),
    ...(said.cause !== undefined && { cause: String(withoutSecrets(said.cause)) }),
  };
}

/** The one it was started with: a deployment since does not show here. */
async function definitionOf({ sfn, memory }: Reading, executionArn: string): Promise<unknown> {
  const known = memory.definitions.get(executionArn);
  if (known !== undefined) return known;
  const { definition } = await sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn }));
  const read = parsed(definition);
  memory.definitions.set(executionArn, read);
  return read;
}

async function historyOf({ sfn }: Reading, executionArn: string): Promise<HistoryEvent[]> {
  const history: HistoryEvent[] = [];
  const pages = paginateGetExecutionHistory(
    { client: sfn, pageSize: PAGE },
    { executionArn, includeExecutionData: true },
  );
  for await (const { events = [] } of pages) {
    history.push(...events.map(historyEvent));
    if (history.length >= MOST_EVENTS) break;
  }
  return history;
}

function historyEvent(event: SdkEvent): HistoryEvent {
  const { id = 0, previousEventId = 0, type = "", timestamp } = event;
  const [, details] = Object.entries(event).find(([name]) => name.endsWith("EventDetails")) ?? [];
  return {
    id,
    previousEventId,
    type,
    atMs: timestamp?.getTime() ?? 0,
    // What a member named so holds is a structure.
    ...(details !== undefined && { details: detailsOf(details as object) }),
  };
}

function detailsOf(details: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(details)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, withoutSecrets(withTextsParsed(value))]),
  );
}

/** Parameters, inputs and outputs are JSON texts; assigned variables are so one by one. */
function withTextsParsed(value: unknown): unknown {
  if (typeof value === "string") return parsed(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, withTextsParsed(text)]));
}

function parsed(text: string | undefined): unknown {
  if (text === undefined || !/^\s*[[{"]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
