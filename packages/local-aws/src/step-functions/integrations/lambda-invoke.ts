/** lambda:invoke. A function's error is the task's error: its type, and its whole payload as the cause. */
import type { Json } from "../../local-aws.ts";
import { StateError } from "../engine/state-error.ts";
import { newTraceId } from "../randomness.ts";
import { callAsRole } from "./call-as-role.ts";
import { httpMetadata } from "./http-metadata.ts";
import type { IntegrationCall } from "./integration-call.ts";

const LAMBDA = {
  service: "lambda",
  operation: "Invoke",
  errorPrefix: "Lambda",
  unmodelledError: "AWSLambdaException",
  firstSdkName: "AWSLambda",
};
const VERSION = "$LATEST";

export async function invokeFunction(call: IntegrationCall): Promise<Json> {
  const input = { InvocationType: "RequestResponse", Payload: {}, ...call.arguments };
  const reply = await callAsRole(call, LAMBDA, input);
  const payload = (reply["Payload"] ?? null) as Json;
  if (reply["FunctionError"] !== undefined) throw functionError(payload);
  const head = {
    contentType: "application/json",
    contentLength: JSON.stringify(payload).length,
    connection: "Connection" as const,
    headers: {
      "X-Amz-Executed-Version": VERSION,
      "x-amzn-Remapped-Content-Length": "0",
      "X-Amzn-Trace-Id": newTraceId(call.localAws.clock.now()),
    },
  };
  const metadata = httpMetadata(call.localAws.clock, head);
  const isEvent = input.InvocationType === "Event";
  return {
    ...(isEvent ? {} : { ExecutedVersion: VERSION }),
    Payload: isEvent ? "" : payload,
    ...metadata,
    StatusCode: Number(reply["StatusCode"] ?? 200),
  };
}

function functionError(payload: Json): StateError {
  const isObject = typeof payload === "object" && payload !== null && !Array.isArray(payload);
  const type = isObject ? payload["errorType"] : undefined;
  const text = JSON.stringify(payload);
  if (typeof type === "string") return new StateError(type, text);
  const unknown = "The cause could not be determined because Lambda did not return an error type.";
  return new StateError("Lambda.Unknown", `${unknown} Returned payload: ${text}`);
}

/** A function's own ARN as the resource: its result is the payload alone. */
export async function invokeByArn(functionArn: string, call: IntegrationCall): Promise<Json> {
  const reply = await invokeFunction({
    ...call,
    arguments: { FunctionName: functionArn, Payload: call.arguments },
  });
  return (reply as { Payload: Json }).Payload;
}
