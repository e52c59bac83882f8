/** `operations` and `operations/<operationId>`: deletions of clients. Each is one execution of the clean-up. */
import {
  DescribeMapRunCommand,
  type DescribeMapRunCommandOutput,
  type ExecutionListItem,
  ListExecutionsCommand,
  ListMapRunsCommand,
} from "@aws-sdk/client-sfn";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import {
  type Operation,
  namedOperationSchema,
  type Report,
  type Tallies,
  talliesSchema,
} from "../../calls/clean-up.ts";
import { countsKey } from "../../handlers/store/tables.ts";
import { describeExecution, executionArnOf, executionView } from "./execution.ts";
import { askedFor, reportOf } from "./operation-files.ts";
import type { Reading } from "./reading.ts";
import { sideBySide } from "./side-by-side.ts";
import { ViewProblem } from "./view-problem.ts";
import type { OperationCounts, OperationRow, OperationsView, OperationView } from "./views.ts";

const MOST_OPERATIONS = 50;

export async function readOperations(reading: Reading): Promise<OperationsView> {
  const { sfn, stack } = reading;
  const list = new ListExecutionsCommand({
    stateMachineArn: stack.cleanUpWorkflowArn,
    maxResults: MOST_OPERATIONS,
  });
  const { executions = [] } = await sfn.send(list);
  const found = await sideBySide(executions, async (execution) => rowOf(reading, execution));
  return { operations: found.filter((row) => row !== undefined) };
}

/** An operation that is over and reported does not change: its files are read once. */
async function rowOf(
  reading: Reading,
  { name = "", stopDate }: ExecutionListItem,
): Promise<OperationRow | undefined> {
  const key = `${name} ${stopDate?.getTime()}`;
  const known = reading.memory.operations.get(key);
  if (known) return known;
  const found = await foundOperation(reading, name);
  if (found?.report) reading.memory.operations.set(key, found.row);
  return found?.row;
}

export async function readOperation(reading: Reading, id: string): Promise<OperationView> {
  const named = namedOperationSchema.safeParse(id);
  const found = named.success ? await foundOperation(reading, named.data) : undefined;
  const execution = found && (await executionView(reading, found.row.executionArn));
  if (!found || !execution)
    throw new ViewProblem(404, "There is no such operation", `operation ${id} has no execution`);
  const run = found.run ?? (await mapRunOf(reading, found.row.executionArn));
  const { executionCounts: batches } = run ?? {};
  return {
    ...found.row,
    execution,
    failures: found.report?.failures ?? [],
    ...(batches && {
      batches: {
        total: batches.total ?? 0,
        pending: batches.pending ?? 0,
        running: batches.running ?? 0,
        succeeded: batches.succeeded ?? 0,
        failed: (batches.failed ?? 0) + (batches.timedOut ?? 0) + (batches.aborted ?? 0),
      },
    }),
  };
}

type MapRun = DescribeMapRunCommandOutput;

interface Found {
  readonly row: OperationRow;
  readonly report?: Report | undefined;
  /** Of one that is not over. */
  readonly run?: MapRun | undefined;
}

/** An operation that was given up and run again has an execution, and a row, for each run. */
async function foundOperation(reading: Reading, name: string): Promise<Found | undefined> {
  const executionArn = executionArnOf(reading.stack.cleanUpWorkflowArn, name);
  const described = await describeExecution(reading, executionArn);
  if (!described) return undefined;
  const { status, startDate, stopDate } = described;
  const isRunning = status === "RUNNING" || status === "PENDING_REDRIVE";
  const input = inputSchema.parse(JSON.parse(described.input ?? "{}"));
  const operation = { operationId: input.operationId ?? name, run: input.run };
  const [asked, report, run, tallies] = await Promise.all([
    askedFor(reading, operation.operationId),
    isRunning ? undefined : reportOf(reading, operation, stopDate?.getTime() ?? 0),
    isRunning ? mapRunOf(reading, executionArn) : undefined,
    talliesSoFar(reading, name),
  ]);
  const row: OperationRow = {
    operationId: name,
    executionArn,
    status: isRunning ? "running" : (report?.status ?? (status === "SUCCEEDED" ? "done" : "failed")),
    startedAtMs: startDate?.getTime() ?? 0,
    ...(stopDate && { endedAtMs: stopDate.getTime() }),
    dryRun: asked?.dryRun ?? input.dryRun,
    origin: originOf(asked, input),
    counts: report ? countsOf(report) : { ...tallies, ...progressOf(run) },
  };
  return { row, report, run };
}

/** How an execution is begun by hand, by an upload or by the schedule; a request begins it with its name alone. */
const inputSchema = z.object({
  operationId: z.string().optional(),
  run: z.number().default(1),
  key: z.string().optional(),
  stale: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});

function originOf(asked: Operation | undefined, { key, stale }: z.output<typeof inputSchema>): string {
  if (stale || asked?.staleBeforeMs !== undefined) return "schedule";
  if (key !== undefined) return "list";
  return asked?.askedBy === undefined && asked ? "list" : "request";
}

const countsOf = ({ deleted, alreadyGone, failed, callsEnded }: Report): OperationCounts => ({
  total: deleted + alreadyGone + failed,
  deleted,
  alreadyGone,
  failed,
  callsEnded,
});

/** The state machine adds each batch that is done. */
async function talliesSoFar({ documents, stack }: Reading, runId: string): Promise<Tallies> {
  const Key = countsKey(runId);
  const { Item } = await documents.send(new GetCommand({ TableName: stack.tables.calls, Key }));
  return Item ? talliesSchema.parse(Item) : { deleted: 0, alreadyGone: 0, callsEnded: 0, failed: 0 };
}

function progressOf(run: MapRun | undefined): Pick<OperationCounts, "total" | "pending"> {
  const { total = 0, pending = 0, running = 0 } = run?.itemCounts ?? {};
  return total > 0 ? { total, pending: pending + running } : {};
}

async function mapRunOf({ sfn }: Reading, executionArn: string): Promise<MapRun | undefined> {
  const { mapRuns = [] } = await sfn.send(new ListMapRunsCommand({ executionArn }));
  const mapRunArn = mapRuns.at(-1)?.mapRunArn;
  return mapRunArn === undefined ? undefined : sfn.send(new DescribeMapRunCommand({ mapRunArn }));
}
