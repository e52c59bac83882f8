/** Calls a service with the role of the state machine; an error of AWS becomes the error of the task. */
import { AwsError, type Shape } from "../../local-aws.ts";
import { StateError } from "../engine/state-error.ts";
import { newId } from "../randomness.ts";
import type { IntegrationCall } from "./integration-call.ts";

export interface Target {
  /** Local AWS's name of the service. */
  readonly service: string;
  readonly operation: string;
  /** What error names begin with: `DynamoDb`, `Lambda`. */
  readonly errorPrefix: string;
  /** The name for errors that the service's model does not have: `DynamoDbException`. */
  readonly unmodelledError: string;
  /** Optimized integrations word causes as the first Java SDK does, with its name of the service: `AWSLambda`. */
  readonly firstSdkName?: string;
}

/** Errors that AWS returns from every service and that most models leave out. */
const UNMODELLED = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "InternalFailure",
  "SerializationException",
  "ThrottlingException",
  "UnknownOperationException",
  "UnrecognizedClientException",
  "ValidationException",
]);
/** Services whose model does have one of these. */
const MODELLED: Readonly<Record<string, ReadonlySet<string>>> = {
  ivs: new Set(["AccessDeniedException", "ValidationException"]),
  scheduler: new Set(["ThrottlingException", "ValidationException"]),
  states: new Set(["ValidationException"]),
};

export async function callAsRole(call: IntegrationCall, target: Target, input: Shape) {
  const { localAws, execution, roleArn = execution.machine.roleArn } = call;
  const { service, operation } = target;
  const caller = { kind: "role", arn: roleArn } as const;
  try {
    return await localAws.call({ service, operation, input, caller });
  } catch (error) {
    throw error instanceof AwsError ? taskFailure(target, error) : error;
  }
}

function taskFailure(target: Target, { code, message, status }: AwsError): StateError {
  const { service, errorPrefix, unmodelledError, firstSdkName } = target;
  const isModelled = !UNMODELLED.has(code) || MODELLED[service]?.has(code) === true;
  const name = isModelled ? (code.endsWith("Exception") ? code : `${code}Exception`) : unmodelledError;
  const source = firstSdkName
    ? `Service: ${firstSdkName}; Status Code: ${status}; Error Code: ${code}; Request ID: ${newId()}; Proxy: null`
    : `Service: ${errorPrefix}, Status Code: ${status}, Request ID: ${newId()}`;
  return new StateError(`${errorPrefix}.${name}`, `${message} (${source})`);
}
