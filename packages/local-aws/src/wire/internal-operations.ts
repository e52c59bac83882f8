/**
 * Operations that only services of this runtime call. AWS has none of these names, so the wire does not know them
 * either, with one exception: a function answers its custom resource with a request to a pre-signed address.
 */
import { AwsError, type AwsCall } from "../local-aws.ts";

const INTERNAL = new Set([
  "events:PutServiceEvent",
  "events:ForwardEvent",
  "appsync:GraphQL",
  "logs:DeliverEvent",
  "states:StartMapRun",
  "cloudformation:AnswerCustomResource",
]);

export const isInternal = (service: string, operation: string): boolean =>
  INTERNAL.has(`${service}:${operation}`);

export function refuseInternal({ service, operation, caller }: AwsCall): void {
  if (!isInternal(service, operation)) return;
  if (service === "cloudformation" && caller.kind === "role") return;
  const message = `${service}:${operation} is not part of the local runtime`;
  throw new AwsError("UnknownOperationException", message, service === "cloudformation" ? 404 : 400);
}
