/** A request of the AWS wire, answered by local AWS. */
import { randomUUID } from "node:crypto";
import { AwsError, type Caller, type LocalAws, type Shape } from "../local-aws.ts";
import type { WireRequest, WireResponse } from "./http-message.ts";
import { refuseInternal } from "./internal-operations.ts";
import { isQuery, queryRefusal, queryReply } from "./query-protocol.ts";
import { isS3, recognize, type Recognized } from "./recognize.ts";
import { s3Refusal, s3Reply, type S3Reply } from "./s3-replies.ts";

const newRequestId = (): string => randomUUID();

/** SQS clients from before its JSON protocol know errors by these names. */
const QUERY_ERRORS: Record<string, string> = {
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  InvalidParameterValueException: "InvalidParameterValue",
  PurgeQueueInProgress: "AWS.SimpleQueueService.PurgeQueueInProgress",
  BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
  EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
  TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
};

export async function answer(
  localAws: LocalAws,
  request: WireRequest,
  caller: Caller,
): Promise<WireResponse> {
  const response = await answerUndated(localAws, request, caller);
  // An SDK that sees another time than its own takes every refusal for its clock's fault and asks again.
  const date = dateOf(localAws.clock.now());
  return { ...response, headers: { date, ...response.headers } };
}

let lastDated = { second: NaN, text: "" };

/** As HTTP writes it: by the second. */
function dateOf(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== lastDated.second) lastDated = { second, text: new Date(nowMs).toUTCString() };
  return lastDated.text;
}

function answerUndated(localAws: LocalAws, request: WireRequest, caller: Caller): Promise<WireResponse> {
  if (isS3(request)) return answerS3(localAws, request, caller);
  return isQuery(request) ? answerQuery(localAws, request, caller) : answerJson(localAws, request, caller);
}

async function answerQuery(localAws: LocalAws, request: WireRequest, caller: Caller): Promise<WireResponse> {
  const requestId = newRequestId();
  let service = "";
  try {
    const recognized = recognize(request);
    ({ service } = recognized);
    const { operation, input } = recognized;
    const call = { service, operation, input, caller };
    refuseInternal(call);
    return queryReply(call, await localAws.call(call), requestId);
  } catch (error) {
    return queryRefusal(service, asAwsError(error), requestId);
  }
}

async function answerS3(localAws: LocalAws, request: WireRequest, caller: Caller): Promise<WireResponse> {
  const id = { "x-amz-request-id": newRequestId() };
  const replied = ({ headers, ...reply }: S3Reply) => ({ ...reply, headers: { ...headers, ...id } });
  try {
    const { service, operation, input } = recognize(request);
    return replied(s3Reply(operation, await localAws.call({ service, operation, input, caller })));
  } catch (error) {
    return replied(s3Refusal(request.method, asAwsError(error)));
  }
}

async function answerJson(localAws: LocalAws, request: WireRequest, caller: Caller): Promise<WireResponse> {
  let recognized: Recognized | undefined;
  try {
    recognized = recognize(request);
    const { service, operation, input } = recognized;
    const call = { service, operation, input, caller };
    refuseInternal(call);
    return success(recognized, await localAws.call(call));
  } catch (error) {
    return failure(recognized, error);
  }
}

function success({ contentType, reply }: Recognized, output: Shape): WireResponse {
  const { status = 200, headers = {}, body } = reply?.(output) ?? { body: output };
  return {
    status,
    headers: { "content-type": contentType, "x-amzn-requestid": newRequestId(), ...headers },
    body: body === undefined ? "" : JSON.stringify(body),
  };
}

function failure(recognized: Recognized | undefined, error: unknown): WireResponse {
  const { code, message, status, fields } = asAwsError(error);
  const contentType = recognized?.contentType ?? "application/json";
  const headers: Record<string, string> = { "content-type": contentType, "x-amzn-requestid": newRequestId() };
  const shape = { ...fields, message };
  if (contentType === "application/json") {
    return { status, headers: { ...headers, "x-amzn-errortype": code }, body: JSON.stringify(shape) };
  }
  if (recognized?.service !== "sqs")
    return { status, headers, body: JSON.stringify({ __type: code, ...shape }) };
  const queryError = `${QUERY_ERRORS[code] ?? code};${status < 500 ? "Sender" : "Receiver"}`;
  return {
    status,
    headers: { ...headers, "x-amzn-query-error": queryError },
    body: JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, ...shape }),
  };
}

/** A fault of the local runtime itself is reported in full: the developer who sees it can fix it. */
function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new AwsError("InternalFailure", `the local runtime failed: ${text}`, 500);
}
