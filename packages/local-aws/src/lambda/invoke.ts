/** Invoke: runs a function now, or queues its event. */
import { AwsError, type AwsCall, type Json, type Operation, type Shape } from "../local-aws.ts";
import type { FunctionRegistry } from "./function-registry.ts";
import { invokeLater } from "./invoke-later.ts";
import { checkResourcePolicy } from "./resource-policy.ts";
import { newRequestId, runHandler } from "./run-handler.ts";

const SYNC_LIMIT_BYTES = 6 * 1024 * 1024;
const ASYNC_LIMIT_BYTES = 1024 * 1024;

export function invoke(registry: FunctionRegistry): Operation {
  return {
    waits: true,
    permissions: ({ FunctionName }) => [
      { action: "lambda:InvokeFunction", resource: registry.requestedArn(String(FunctionName)) },
    ],
    run: (input, call) => run(registry, input, call),
  };
}

async function run(registry: FunctionRegistry, input: Shape, { caller }: AwsCall): Promise<Shape> {
  const fn = registry.find(String(input["FunctionName"]));
  const type = input["InvocationType"] ?? "RequestResponse";
  checkResourcePolicy(fn.arn, fn.grants, caller);
  const text = JSON.stringify(input["Payload"] ?? {});
  checkSize(text, type === "Event" ? ASYNC_LIMIT_BYTES : SYNC_LIMIT_BYTES);
  // A function must not be able to change its caller's objects.
  const payload = JSON.parse(text) as Json;
  if (type === "DryRun") return { StatusCode: 204, Payload: null };
  if (type === "Event") {
    invokeLater(fn, payload, () => registry.hasRoom(fn));
    return { StatusCode: 202, Payload: null };
  }
  if (type !== "RequestResponse")
    throw new AwsError("ValidationException", `Unknown InvocationType ${JSON.stringify(type)}`);
  if (!registry.hasRoom(fn)) throw tooManyRequests();
  const { payload: Payload, failed } = await runHandler(fn, payload, newRequestId());
  return {
    StatusCode: 200,
    ExecutedVersion: "$LATEST",
    Payload,
    ...(failed ? { FunctionError: "Unhandled" } : {}),
  };
}

function checkSize(text: string, limitBytes: number): void {
  if (Buffer.byteLength(text) <= limitBytes) return;
  throw new AwsError(
    "RequestTooLargeException",
    `Request must be smaller than ${limitBytes} bytes for the InvokeFunction operation`,
    413,
  );
}

function tooManyRequests(): AwsError {
  const fields = { Reason: "ConcurrentInvocationLimitExceeded", Type: "User" };
  return new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, fields);
}
