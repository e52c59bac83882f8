/** What every view reads with: the clients of the AWS SDK, the stack's resources, and a memory. Nothing here writes. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient, type SFNClientConfig } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Report } from "../../calls/clean-up.ts";
import { findStack, type FoundStack } from "./found-stack.ts";
import { type Remembered, remembered } from "./remembered.ts";
import type { BusEvent, DeadLettersView, ExecutionView, OperationRow } from "./views.ts";

export interface Reading {
  readonly stack: FoundStack;
  readonly sfn: SFNClient;
  readonly documents: DynamoDBDocumentClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly logs: CloudWatchLogsClient;
  readonly now: () => number;
  readonly memory: Memory;
}

interface Memory {
  /** Client id → its name; an empty text where the directory has none. */
  readonly names: Remembered<string>;
  /** Executions that have ended, by ARN. */
  readonly executions: Remembered<ExecutionView>;
  /** Call id → how its execution ended. */
  readonly ends: Remembered<string>;
  /** Definitions, by the execution that runs them. */
  readonly definitions: Remembered<unknown>;
  /** Events by what was asked for, so that the next look reads only the later ones. */
  readonly events: Remembered<{ readonly events: readonly BusEvent[]; readonly untilMs: number }>;
  readonly reports: Remembered<Report>;
  /** Operations that are over, by name and end. */
  readonly operations: Remembered<OperationRow>;
  readonly letters: Remembered<DeadLettersView>;
}

export interface ReadingOptions {
  readonly stackName: string;
  readonly now: () => number;
  /** Of every client: region, credentials, endpoint, request handler. */
  readonly settings: Pick<
    SFNClientConfig,
    "region" | "profile" | "credentials" | "endpoint" | "requestHandler"
  >;
  /** How long letters are shown before queues are looked into again. */
  readonly lettersForMs: number;
}

export async function openReading({
  stackName,
  now,
  settings,
  lettersForMs,
}: ReadingOptions): Promise<Reading> {
  const cloudFormation = new CloudFormationClient(settings);
  const stack = await findStack(cloudFormation, stackName);
  cloudFormation.destroy();
  return {
    stack,
    now,
    sfn: new SFNClient(settings),
    documents: DynamoDBDocumentClient.from(new DynamoDBClient(settings)),
    // A bucket as a part of the host would not resolve on this machine.
    s3: new S3Client({ ...settings, ...(settings.endpoint !== undefined && { forcePathStyle: true }) }),
    sqs: new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }),
    logs: new CloudWatchLogsClient(settings),
    memory: {
      names: remembered({ most: 10_000, forMs: 30_000, now }),
      executions: remembered({ most: 100, now }),
      ends: remembered({ most: 10_000, now }),
      definitions: remembered({ most: 100, now }),
      events: remembered({ most: 50, now }),
      reports: remembered({ most: 200, now }),
      operations: remembered({ most: 1_000, now }),
      letters: remembered({ most: 1, forMs: lettersForMs, now }),
    },
  };
}
