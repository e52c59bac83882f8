/** The resources that a Task can name, and how each is called. */
import type { Json } from "../../door.ts";
import { callAwsSdk, isKnownAction } from "./aws-sdk.ts";
import type { IntegrationCall } from "./integration-call.ts";
import { invokeFunction } from "./lambda-invoke.ts";
import { putEvents } from "./events-put-events.ts";
import { sendMessage } from "./sqs-send-message.ts";
import { startExecution } from "./states-start-execution.ts";

export interface Integration {
  /** As history events spell it: `aws-sdk:dynamodb`, `lambda`. */
  readonly resourceType: string;
  /** As history events spell it: `updateItem.waitForTaskToken`, `invoke`. */
  readonly resource: string;
  readonly waitsForToken: boolean;
  call(call: IntegrationCall): Promise<Json>;
}

const OPTIMIZED: Readonly<Record<string, (call: IntegrationCall) => Promise<Json>>> = {
  "lambda:invoke": invokeFunction,
  "events:putEvents": putEvents,
  "sqs:sendMessage": sendMessage,
  "states:startExecution": startExecution,
};

const RESOURCE = /^arn:aws[\w-]*:states:::(?:(aws-sdk):)?([a-z0-9-]+):([A-Za-z0-9]+)(\.waitForTaskToken)?$/;

/** Undefined for a resource that the local engine does not have. */
export function integrationOf(arn: string): Integration | undefined {
  const [, sdk, service = "", action = "", suffix = ""] = RESOURCE.exec(arn) ?? [];
  const names = { resource: action + suffix, waitsForToken: suffix !== "" };
  if (sdk) {
    if (!isKnownAction(service, action)) return undefined;
    const call = (each: IntegrationCall): Promise<Json> => callAwsSdk(service, action, each);
    return { resourceType: `aws-sdk:${service}`, ...names, call };
  }
  const call = OPTIMIZED[`${service}:${action}`];
  return call ? { resourceType: service, ...names, call } : undefined;
}
