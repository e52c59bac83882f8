/** The resources that a Task can name, and how each is called. */
import type { Json } from "../../local-aws.ts";
import { callAwsSdk, isKnownAction } from "./aws-sdk.ts";
import type { IntegrationCall, JobCall } from "./integration-call.ts";
import { invokeByArn, invokeFunction } from "./lambda-invoke.ts";
import { putEvents } from "./events-put-events.ts";
import { sendMessage } from "./sqs-send-message.ts";
import { startExecution, untilExecutionEnds } from "./states-start-execution.ts";

export interface Integration {
  /** As history events spell it: `aws-sdk:dynamodb`, `lambda`. */
  readonly resourceType: string;
  /** As history events spell it: `updateItem.waitForTaskToken`, `invoke`. */
  readonly resource: string;
  readonly waitsForToken: boolean;
  /** The resource is a function itself: its events are those of a function, and its result is the payload. */
  readonly functionArn?: string;
  call(call: IntegrationCall): Promise<Json>;
  /** Waits for what `call` has started. */
  untilDone?(job: JobCall, started: Json): Promise<Json>;
}

const OPTIMIZED: Readonly<Record<string, (call: IntegrationCall) => Promise<Json>>> = {
  "lambda:invoke": invokeFunction,
  "events:putEvents": putEvents,
  "sqs:sendMessage": sendMessage,
  "states:startExecution": startExecution,
};

const RESOURCE =
  /^arn:aws[\w-]*:states:::(?:(aws-sdk):)?([a-z0-9-]+):([A-Za-z0-9]+)(\.waitForTaskToken|\.sync(?::2)?)?$/;
const FUNCTION = /^arn:aws[\w-]*:lambda:[^:]+:[^:]+:function:[^:]+(?::[^:]+)?$/;

/** Undefined for a resource that the local engine does not have. */
export function integrationOf(arn: string): Integration | undefined {
  if (FUNCTION.test(arn)) {
    const call = (each: IntegrationCall): Promise<Json> => invokeByArn(arn, each);
    return { resourceType: arn, resource: arn, waitsForToken: false, functionArn: arn, call };
  }
  const [, sdk, service = "", action = "", suffix = ""] = RESOURCE.exec(arn) ?? [];
  const names = { resource: action + suffix, waitsForToken: suffix === ".waitForTaskToken" };
  const isJob = suffix.startsWith(".sync");
  if (sdk) {
    if (isJob || !isKnownAction(service, action)) return undefined;
    const call = (each: IntegrationCall): Promise<Json> => callAwsSdk(service, action, each);
    return { resourceType: `aws-sdk:${service}`, ...names, call };
  }
  const call = OPTIMIZED[`${service}:${action}`];
  if (!call) return undefined;
  if (!isJob) return { resourceType: service, ...names, call };
  if (call !== startExecution) return undefined;
  const untilDone = (job: JobCall, started: Json): Promise<Json> =>
    untilExecutionEnds(job, started, suffix === ".sync:2");
  return { resourceType: service, ...names, call, untilDone };
}
