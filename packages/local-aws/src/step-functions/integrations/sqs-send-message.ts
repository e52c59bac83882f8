/** sqs:sendMessage. The body may be an object. */
import type { Json } from "../../local-aws.ts";
import { callAsRole } from "./call-as-role.ts";
import { httpMetadata } from "./http-metadata.ts";
import type { IntegrationCall } from "./integration-call.ts";

const SQS = {
  service: "sqs",
  operation: "SendMessage",
  errorPrefix: "SQS",
  unmodelledError: "AmazonSQSException",
  firstSdkName: "AmazonSQS",
};

export async function sendMessage(call: IntegrationCall): Promise<Json> {
  const body = call.arguments["MessageBody"];
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const reply = await callAsRole(call, SQS, { ...call.arguments, MessageBody: text });
  const contentLength = JSON.stringify(reply).length;
  const head = { contentType: "application/x-amz-json-1.0", contentLength };
  return { ...(reply as Record<string, Json>), ...httpMetadata(call.localAws.clock, head) };
}
