/**
 * A deletion of clients: a Standard execution, named by the operation's id. List, delete in batches, report.
 *
 * Nothing here remembers how far it is: deleting a client twice is harmless, so an operation that was given up is run again
 * over the same list, by an execution with the run's number in its name and in its input. It is not redriven: a Map that a
 * Catch has left, and a Fail, are not run again by that. Lists, results and reports are in the bucket; the history holds their
 * keys. The batches are Express children of a Map Run, each a line in the console with its own counts.
 */
import { COUNTS_KEPT_DAYS } from "../calls/clean-up.ts";
import { COUNTS_ROW } from "../handlers/store/tables.ts";
import { ClientsDeleted } from "../events/clients-deleted.ts";
import { EVENT_SOURCE } from "../events/event.ts";
import {
  CLEAN_UP_BATCH,
  CLEAN_UP_CONCURRENCY,
  CLEAN_UP_TOLERATED_PERCENT,
  MAX_LISTED_CLIENTS,
} from "../calls/limits.ts";
import { jsonata, LAMBDA_HICCUPS, retry, type State } from "./tasks.ts";

export interface CleanUpOptions {
  /** Batches at once, each at most one a second: bounds the load on the tables. */
  readonly concurrency: number;
  /** The share of clients whose batches may fail before the run gives up. */
  readonly toleratedPercent: number;
}

const DEFAULTS: CleanUpOptions = {
  concurrency: CLEAN_UP_CONCURRENCY.default,
  toleratedPercent: CLEAN_UP_TOLERATED_PERCENT.default,
};

const run = (name: string, payload: unknown, timeoutSeconds: number, repeats = 3): State => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName: `\${${name}}`, Payload: payload },
  TimeoutSeconds: timeoutSeconds,
  Retry: [{ ...retry([...LAMBDA_HICCUPS, "States.TaskFailed", "States.Timeout"]), MaxAttempts: repeats }],
});

/**
 * An Express execution ends after five minutes, as if it had never replied. All attempts of a batch with the pauses between
 * them, and its count, fit into four. A function is stopped before its state gives up.
 */
const BATCH_SECONDS = 65;
const BATCH_REPEATS = 2;

const added = ["deleted", "alreadyGone", "callsEnded", "failed"] as const;
const inText = (expression: string): State => ({ N: jsonata(`$string(${expression})`) });

/** Once for each batch, even if its function ran twice. If it fails, only the progress shows less; the report is the same. */
const countBatch: State = {
  Type: "Task",
  Comment: "Adds to the progress that getOperation shows.",
  Resource: "arn:aws:states:::aws-sdk:dynamodb:updateItem",
  Arguments: {
    TableName: "${CallsTable}",
    Key: { pk: { S: jsonata(`'${COUNTS_ROW.pk}' & $runId`) }, sk: { S: COUNTS_ROW.sk } },
    UpdateExpression: `SET expiresAtSeconds = :expires ADD ${added.map((name) => `${name} :${name}`).join(", ")}`,
    ExpressionAttributeValues: {
      ":expires": inText(`$floor($millis() / 1000) + ${COUNTS_KEPT_DAYS * 86_400}`),
      ...Object.fromEntries(added.map((name) => [`:${name}`, inText(`$states.input.${name}`)])),
    },
    ReturnValues: "NONE",
  },
  TimeoutSeconds: 10,
  // Not repeated: a repeat after a lost answer would count twice.
  Catch: [{ ErrorEquals: ["States.ALL"], Output: jsonata("$states.input"), Next: "Batch deleted" }],
  Output: jsonata("$states.input"),
  Next: "Batch deleted",
};

const eachBatch: State = {
  ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
  StartAt: "Delete batch",
  States: {
    "Delete batch": {
      ...run("DeleteClients", jsonata("$states.input"), BATCH_SECONDS, BATCH_REPEATS),
      Comment:
        "Ends the clients' calls, removes their devices, then them. What cannot be done is in the reply.",
      Assign: { runId: jsonata("$states.input.BatchInput.runId") },
      Output: jsonata("$states.result.Payload"),
      Next: "Count batch",
    },
    "Count batch": countBatch,
    "Batch deleted": { Type: "Succeed" },
  },
};

const states = ({ concurrency, toleratedPercent }: CleanUpOptions): Record<string, State> => ({
  "List clients": {
    ...run(
      "ListClients",
      jsonata(
        "$merge([{ 'operationId': $states.context.Execution.Name }, $states.input, { 'execution': $states.context.Execution.Name }])",
      ),
      600,
    ),
    Comment: "Finds the requested list, reads an operator's, or writes one of the stale clients.",
    Output: jsonata("$states.result.Payload"),
    Assign: { operation: jsonata("$states.result.Payload") },
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Not listed" }],
    Next: "Is there anybody to delete?",
  },
  "Is there anybody to delete?": {
    Type: "Choice",
    Choices: [
      {
        Condition: jsonata("$states.input.listed = 0"),
        Assign: { status: "done" },
        Output: {},
        Next: "Report",
      },
    ],
    Default: "Delete clients",
  },
  "Delete clients": {
    Type: "Map",
    Comment: "Runs each batch in its own execution. The list may have millions of lines.",
    Label: "batches",
    ItemReader: {
      Resource: "arn:aws:states:::s3:getObject",
      ReaderConfig: { InputType: "JSONL", MaxItems: MAX_LISTED_CLIENTS },
      Arguments: { Bucket: "${Bucket}", Key: jsonata("$states.input.key") },
    },
    ItemBatcher: {
      MaxItemsPerBatch: CLEAN_UP_BATCH,
      BatchInput: jsonata("$states.input"),
    },
    ItemProcessor: eachBatch,
    MaxConcurrency: concurrency,
    ToleratedFailurePercentage: toleratedPercent,
    ResultWriter: {
      Resource: "arn:aws:states:::s3:putObject",
      Arguments: { Bucket: "${Bucket}", Prefix: jsonata("'results/' & $states.input.runId") },
      WriterConfig: { Transformation: "COMPACT", OutputType: "JSON" },
    },
    Assign: { status: "done" },
    Output: {},
    Catch: [{ ErrorEquals: ["States.ALL"], Assign: { status: "failed" }, Output: {}, Next: "Report" }],
    Next: "Report",
  },
  Report: {
    ...run("ReportCleanUp", { operation: jsonata("$operation"), status: jsonata("$status") }, 300),
    Comment: "Adds up the results of the batches.",
    Output: jsonata("$states.result.Payload"),
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Not reported" }],
    Next: "Clients deleted",
  },
  "Clients deleted": {
    Type: "Task",
    Comment: "Publishes the outcome to those who wait for it.",
    Resource: "arn:aws:states:::events:putEvents",
    Arguments: {
      Entries: [
        {
          EventBusName: "${Bus}",
          Source: EVENT_SOURCE,
          DetailType: ClientsDeleted.name,
          Detail: jsonata("$states.input"),
        },
      ],
    },
    TimeoutSeconds: 10,
    Retry: [retry(["States.TaskFailed"])],
    Catch: [{ ErrorEquals: ["States.ALL"], Next: "Not reported" }],
    Output: jsonata("$states.input"),
    Next: "Was it given up?",
  },
  "Was it given up?": {
    Type: "Choice",
    Choices: [{ Condition: jsonata("$status = 'failed'"), Next: "Given up" }],
    Default: "Done",
  },

  Done: { Type: "Succeed" },
  "Given up": {
    Type: "Fail",
    Error: "CleanUpGivenUp",
    Cause:
      "The list could not be read, or too many batches failed. Mend that and ask again: it runs again over the same list.",
  },
  "Not listed": {
    Type: "Fail",
    Error: "CleanUpNotListed",
    Cause: "There is no list of clients to delete, or it could not be read.",
  },
  "Not reported": {
    Type: "Fail",
    Error: "CleanUpNotReported",
    Cause: "The clients were dealt with. Ask again: it finds them gone, and reports.",
  },
});

/** The state machine in Amazon States Language, as data. */
export function cleanUpWorkflow(options: CleanUpOptions = DEFAULTS): State {
  return {
    Comment: "Deletes clients: the requested ones, or the stale ones",
    QueryLanguage: "JSONata",
    StartAt: "List clients",
    States: states(options),
  };
}
