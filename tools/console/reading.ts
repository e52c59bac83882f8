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
import { findStack, type FoundStack } from "./found-stack.ts";
import { type Memory, type MemoryTimes, openMemory } from "./memory.ts";

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

export interface ReadingOptions extends MemoryTimes {
  readonly stackName: string;
  /** Of every client: region, credentials, endpoint, request handler. */
  readonly settings: Pick<
    SFNClientConfig,
    "region" | "profile" | "credentials" | "endpoint" | "requestHandler"
  >;
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
    memory: openMemory({ now, lettersForMs, peopleForMs }),
  };
}
