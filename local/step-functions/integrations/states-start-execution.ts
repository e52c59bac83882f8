/** states:startExecution (request and response; it does not wait for the other execution). */
import type { Json } from "../../door.ts";
import { isoTime } from "../engine/iso-time.ts";
import { callAsRole } from "./call-as-role.ts";
import { httpMetadata } from "./http-metadata.ts";
import type { IntegrationCall } from "./integration-call.ts";

const STEP_FUNCTIONS = {
  service: "states",
  operation: "StartExecution",
  errorPrefix: "StepFunctions",
  unmodelledError: "AWSStepFunctionsException",
};

export async function startExecution(call: IntegrationCall): Promise<Json> {
  const { StateMachineArn: stateMachineArn, Input: input, Name: name } = call.arguments;
  const text = input === undefined || typeof input === "string" ? input : JSON.stringify(input);
  const request = {
    stateMachineArn,
    ...(text === undefined ? {} : { input: text }),
    ...(name === undefined ? {} : { name }),
  };
  const { executionArn, startDate } = await callAsRole(call, STEP_FUNCTIONS, request);
  const contentLength = JSON.stringify({ executionArn, startDate }).length;
  const metadata = httpMetadata(call.door.clock, {
    contentType: "application/x-amz-json-1.0",
    contentLength,
  });
  const startedAt = isoTime(Number(startDate) * 1000);
  return { ExecutionArn: String(executionArn), ...metadata, StartDate: startedAt };
}
