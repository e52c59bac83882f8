/** events:putEvents. Details may be objects; both ARNs of the execution are added to each entry's resources. */
import type { Json, Shape } from "../../local-aws.ts";
import { StateError } from "../engine/state-error.ts";
import { callAsRole } from "./call-as-role.ts";
import type { IntegrationCall } from "./integration-call.ts";

const EVENT_BRIDGE = {
  service: "events",
  operation: "PutEvents",
  errorPrefix: "EventBridge",
  unmodelledError: "AmazonEventBridgeException",
  firstSdkName: "AmazonEventBridge",
};

export async function putEvents(call: IntegrationCall): Promise<Json> {
  const { arn, machine } = call.execution;
  const entries = (call.arguments["Entries"] ?? []) as readonly Shape[];
  const input = { ...call.arguments, Entries: entries.map((entry) => entryOf(entry, [machine.arn, arn])) };
  const reply = await callAsRole(call, EVENT_BRIDGE, input);
  if (Number(reply["FailedEntryCount"] ?? 0) > 0) {
    throw new StateError("EventBridge.FailedEntry", JSON.stringify(reply));
  }
  return { Entries: (reply["Entries"] ?? []) as Json, FailedEntryCount: 0 };
}

function entryOf(entry: Shape, arns: readonly string[]): Shape {
  const { Detail: detail, Resources: resources = [] } = entry;
  const text = detail === undefined || typeof detail === "string" ? detail : JSON.stringify(detail);
  const withDetail = text === undefined ? {} : { Detail: text };
  return { ...entry, ...withDetail, Resources: [...(resources as readonly string[]), ...arns] };
}
