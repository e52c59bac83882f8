/** Calling a target by its ARN, for rules and for schedules. */
import { randomUUID } from "node:crypto";
import { AwsError, type Caller, type LocalAws, type Shape } from "../local-aws.ts";

export interface Invocation {
  readonly arn: string;
  /** JSON text, or plain text for a queue. */
  readonly input: string;
  readonly caller: Caller;
  /** Further message attributes, for a dead-letter queue. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The operation for which `input` is the variables, for a GraphQL API. */
  readonly graphqlOperation?: string | undefined;
}

interface TargetCall {
  readonly service: string;
  readonly operation: string;
  readonly input: Shape;
}

type TargetKind = (invocation: Invocation, localAws: LocalAws) => TargetCall;

const executionName = (): string => randomUUID();

/** By service in the target's ARN. To add a target, add how it is called. */
const KINDS: Readonly<Record<string, TargetKind>> = {
  lambda: ({ arn, input }) => ({
    service: "lambda",
    operation: "Invoke",
    input: { FunctionName: arn, InvocationType: "Event", Payload: parsed(input) },
  }),
  sqs: ({ arn, input, attributes = {} }, localAws) => ({
    service: "sqs",
    operation: "SendMessage",
    input: {
      QueueUrl: `http://127.0.0.1:4566/${localAws.account}/${arn.split(":").at(-1) ?? ""}`,
      MessageBody: input,
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
      ),
    },
  }),
  states: ({ arn, input }) => ({
    service: "states",
    operation: "StartExecution",
    input: { stateMachineArn: arn, name: executionName(), input },
  }),
  appsync: ({ arn, input, graphqlOperation }) => ({
    service: "appsync",
    operation: "GraphQL",
    input: { endpointArn: arn, query: graphqlOperation, variables: parsed(input) },
  }),
  logs: ({ arn, input }) => ({
    service: "logs",
    operation: "DeliverEvent",
    input: { logGroupArn: arn, message: input },
  }),
  events: ({ arn, input }) => ({
    service: "events",
    operation: "ForwardEvent",
    input: { EventBusName: arn, event: parsed(input) },
  }),
};

function parsed(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    throw new AwsError("InvalidJson", `The input of the target is not JSON: ${input.slice(0, 200)}`);
  }
}

const serviceOf = (arn: string): string => arn.split(":")[2] ?? "";

interface TargetSettings {
  readonly Arn: string;
  readonly RoleArn?: string | undefined;
  readonly AppSyncParameters?: { readonly GraphQLOperation?: string } | undefined;
}

/** For checks when a target is set: throws if this runtime cannot call it. */
export function refuseUnknownTarget({ Arn: arn, RoleArn: roleArn, AppSyncParameters }: TargetSettings): void {
  const service = serviceOf(arn);
  const refuse = (message: string) => new AwsError("ValidationException", message);
  if (!KINDS[service]) throw refuse(`target ${arn}: ${service} is not a target of the local runtime`);
  if (["states", "events", "appsync"].includes(service) && !roleArn) {
    throw refuse(`RoleArn is required for target ${arn}.`);
  }
  if ((service === "appsync") !== (AppSyncParameters?.GraphQLOperation !== undefined)) {
    throw refuse(
      `AppSyncParameters with a GraphQLOperation go with a GraphQL API, and with nothing else: ${arn}`,
    );
  }
}

export async function invokeTarget(localAws: LocalAws, invocation: Invocation): Promise<void> {
  const kind = KINDS[serviceOf(invocation.arn)];
  if (!kind) throw new Error(`target ${invocation.arn} is not a target of the local runtime`);
  await localAws.call({ ...kind(invocation, localAws), caller: invocation.caller });
}
