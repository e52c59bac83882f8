/** One way to make a Lambda function: its defaults, its own role, its own log group. */
import { join } from "node:path";
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct, IConstruct } from "constructs";
import type { StackVariable } from "../handlers/edge/environment.ts";
import type { IvsVariable } from "../handlers/media/ivs/environment.ts";
import type { LiveKitVariable } from "../handlers/media/livekit/environment.ts";
import type { DirectPushVariable } from "../handlers/push/direct/environment.ts";
import type { PinpointVariable } from "../handlers/push/pinpoint/environment.ts";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import { functionNameOf, functionSizes, type FunctionName } from "./function-sizes.ts";
import { fixLogicalId } from "./logical-id.ts";
import { physicalName } from "./physical-name.ts";

/** What functions read from their environment: the compiler refuses any other name. */
export type Variable = StackVariable | IvsVariable | LiveKitVariable | DirectPushVariable | PinpointVariable;

export interface FunctionOptions {
  /** Holds `<function name>/index.mjs`. */
  readonly bundles: string;
  /** Settings. The name of a resource comes with the grant that lets the function use it. */
  readonly environment?: Readonly<Partial<Record<Variable, string>>>;
  /** Where an event goes that the function failed on three times. Functions that events invoke need one. */
  readonly onFailure?: IQueue;
}

export const logGroupNameOf = (scope: IConstruct, name: FunctionName): string =>
  `/aws/lambda/${physicalName(scope, functionNameOf(name))}`;

export function createFunction(scope: Construct, name: FunctionName, options: FunctionOptions): Function {
  const { timeoutSeconds, memoryMb } = functionSizes[name];
  const created = new Function(scope, name, {
    functionName: physicalName(scope, functionNameOf(name)),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: "index.handler",
    code: Code.fromAsset(join(options.bundles, name)),
    timeout: Duration.seconds(timeoutSeconds),
    memorySize: memoryMb,
    tracing: Tracing.ACTIVE,
    environment: {
      POWERTOOLS_SERVICE_NAME: name,
      POWERTOOLS_METRICS_NAMESPACE: Stack.of(scope).stackName,
      ...options.environment,
    },
    ...createLogging(scope, name),
    ...(options.onFailure && { onFailure: toQueue(options.onFailure) }),
  });
  if (options.onFailure) allow(created, ["sqs:SendMessage"], options.onFailure.queueArn);
  fixLogicalId(created, pascalCase(name));
  acknowledgeFunction(created, options.onFailure !== undefined);
  return created;
}

export function setVariable(of: Function, name: Variable, value: string): void {
  of.addEnvironment(name, value);
}

/** The function's role may write to its own log group, instead of the managed policy's every log group. */
function createLogging(scope: Construct, name: FunctionName) {
  const logGroup = new LogGroup(scope, `${name}-log`, {
    logGroupName: logGroupNameOf(scope, name),
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, `${name}-role`, { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  logGroup.grantWrite(role);
  return {
    logGroup,
    role,
    loggingFormat: LoggingFormat.JSON,
    applicationLogLevelV2: ApplicationLogLevel.INFO,
    // Start, end and report lines of every invocation cost as much as the function's own and repeat what metrics say.
    systemLogLevelV2: SystemLogLevel.WARN,
  };
}

/** CDK's own destination would also let the function read the queue's attributes. */
function toQueue(queue: IQueue) {
  return { bind: () => ({ destination: queue.queueArn }) };
}

function acknowledgeFunction(created: Function, hasDestination: boolean): void {
  acknowledge(
    created,
    hasDestination
      ? "Failed events go to the on-failure destination, which also carries the error; a dead-letter configuration would not"
      : "Only invoked by callers that wait for the reply and see the failure",
    "Serverless-LambdaDLQ",
  );
  if (created.role) {
    acknowledge(
      created.role,
      "X-Ray has no resources to name in xray:PutTraceSegments and xray:PutTelemetryRecords",
      "AwsSolutions-IAM5[Resource::*]",
    );
  }
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
