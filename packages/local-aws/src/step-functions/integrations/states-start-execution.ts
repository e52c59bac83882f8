/** states:startExecution: request and response, or waiting for the other execution to end (`.sync`, `.sync:2`). */
import type { Json, Shape } from "../../local-aws.ts";
import { StateError, TASK_FAILED } from "../engine/state-error.ts";
import { callAsRole } from "./call-as-role.ts";
import { httpMetadata } from "./http-metadata.ts";
import type { IntegrationCall, JobCall } from "./integration-call.ts";

const STEP_FUNCTIONS = {
  service: "states",
  errorPrefix: "StepFunctions",
  unmodelledError: "AWSStepFunctionsException",
  firstSdkName: "AWSStepFunctions",
};

export async function startExecution(call: IntegrationCall): Promise<Json> {
  const { StateMachineArn: stateMachineArn, Input: input, Name: name } = call.arguments;
  const text = input === undefined || typeof input === "string" ? input : JSON.stringify(input);
  const request = {
    stateMachineArn,
    ...(text === undefined ? {} : { input: text }),
    ...(name === undefined ? {} : { name }),
  };
  const reply = await callAsRole(call, { ...STEP_FUNCTIONS, operation: "StartExecution" }, request);
  const { executionArn, startDate } = reply;
  const contentLength = JSON.stringify({ executionArn, startDate }).length;
  const metadata = httpMetadata(call.localAws.clock, {
    contentType: "application/x-amz-json-1.0",
    contentLength,
  });
  return { ExecutionArn: String(executionArn), ...metadata, StartDate: milliseconds(startDate) };
}

/** Waits for the execution that `started` names; one that does not succeed fails the task. */
export async function untilExecutionEnds(job: JobCall, started: Json, isSecondForm: boolean): Promise<Json> {
  const { ExecutionArn: executionArn } = started as Shape;
  await endOf(job, executionArn);
  const operation = { ...STEP_FUNCTIONS, operation: "DescribeExecution" };
  const described = describedAs(await callAsRole(job, operation, { executionArn }), isSecondForm);
  if (described["Status"] === "SUCCEEDED") return described;
  throw new StateError(TASK_FAILED, JSON.stringify(described));
}

/** If the task itself ends first, the execution that it has started is stopped. */
async function endOf(job: JobCall, executionArn: unknown): Promise<void> {
  const { signal: ended } = job.machines.execution(executionArn);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => {
    const operation = { ...STEP_FUNCTIONS, operation: "StopExecution" };
    const settled = (): void => reject(job.signal.reason as Error);
    callAsRole(job, operation, { executionArn }).then(settled, settled);
  };
  if (ended.aborted) return;
  ended.addEventListener("abort", () => resolve(), { once: true });
  job.signal.addEventListener("abort", stop, { once: true });
  try {
    await promise;
  } finally {
    job.signal.removeEventListener("abort", stop);
  }
}

const JSON_MEMBERS = new Set(["input", "output"]);

/** DescribeExecution in the spelling of the Java SDK, members in order; the second form has JSON where it had text. */
function describedAs(reply: Shape, isSecondForm: boolean): Record<string, Json> {
  const entries = Object.entries(reply).map(([key, value]): [string, Json] => {
    const name = upperFirst(key);
    if (key.endsWith("Date")) return [name, milliseconds(value)];
    if (key.endsWith("Details")) return [name, { Included: (value as Shape)["included"] === true }];
    if (isSecondForm && JSON_MEMBERS.has(key)) return [name, JSON.parse(String(value)) as Json];
    return [name, value as Json];
  });
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Results of Step Functions carry times in milliseconds since 1970. */
const milliseconds = (seconds: unknown): number => Math.round(Number(seconds) * 1000);
