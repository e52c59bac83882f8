/** What every view reads with: the clients of the AWS SDK, the stack's resources, and a memory. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient, type SFNClientConfig } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Report } from "../../calls/clean-up.ts";
import type { CallIds } from "./call-ids.ts";
import type { FilteredCall } from "./calls-query.ts";
import type { Everyone } from "./everyone.ts";
import { findStack, type FoundStack } from "./found-stack.ts";
import { type Remembered, remembered } from "./remembered.ts";
import type { DayTally } from "./tally.ts";
import type { Users } from "./user-mails.ts";
import type { BusEvent, DeadLettersView, ExecutionView, OperationRow, OverviewView } from "./views.ts";

export interface Reading {
  readonly stack: FoundStack;
  readonly sfn: SFNClient;
  readonly documents: DynamoDBDocumentClient;
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly logs: CloudWatchLogsClient;
  readonly cognito: CognitoIdentityProviderClient;
  /** For dead letters that are sent again; no view uses it. */
  readonly events: EventBridgeClient;
  readonly now: () => number;
  readonly memory: Memory;
}

interface Memory {
  /** Owner → their name; an empty text where the directory has none. */
  readonly names: Remembered<string>;
  readonly everyone: Remembered<Everyone>;
  /** By what their addresses begin with; all under the empty text. */
  readonly users: Remembered<Users>;
  readonly callIds: Remembered<CallIds>;
  /** Calls that are over and hold nothing any more, as a filter looks at them. */
  readonly calls: Remembered<FilteredCall>;
  /** Executions that have ended, by ARN. */
  readonly executions: Remembered<ExecutionView>;
  /** Definitions, by the execution that runs them. */
  readonly definitions: Remembered<unknown>;
  /** Events by what was asked for, so that the next look reads only the later ones. */
  readonly events: Remembered<{ readonly events: readonly BusEvent[]; readonly untilMs: number }>;
  readonly reports: Remembered<Report>;
  /** Operations that are over, by name and end. */
  readonly operations: Remembered<OperationRow>;
  readonly letters: Remembered<DeadLettersView>;
  /** Which queue redrives to a queue of dead letters. */
  readonly letterSources: Remembered<ReadonlyMap<string, { readonly url: string; readonly name: string }>>;
  /** By the beginning of the day. */
  readonly tallies: Remembered<DayTally>;
  readonly pool: Remembered<OverviewView["pool"]>;
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
  /** How long what is known of everybody is used before their tables are read again. */
  readonly peopleForMs: number;
}

export async function openReading({
  stackName,
  now,
  settings,
  lettersForMs,
  peopleForMs,
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
    events: new EventBridgeClient(settings),
    cognito: new CognitoIdentityProviderClient(settings),
    memory: {
      names: remembered({ most: 10_000, forMs: 30_000, now }),
      everyone: remembered({ most: 1, forMs: peopleForMs, now }),
      users: remembered({ most: 20, forMs: peopleForMs, now }),
      callIds: remembered({ most: 1, forMs: peopleForMs, now }),
      calls: remembered({ most: 20_000, now }),
      executions: remembered({ most: 100, now }),
      definitions: remembered({ most: 100, now }),
      events: remembered({ most: 50, now }),
      reports: remembered({ most: 200, now }),
      operations: remembered({ most: 1_000, now }),
      letters: remembered({ most: 1, forMs: lettersForMs, now }),
      letterSources: remembered({ most: 1, now }),
      tallies: remembered({ most: 3, now }),
      pool: remembered({ most: 1, forMs: lettersForMs, now }),
    },
  };
}
