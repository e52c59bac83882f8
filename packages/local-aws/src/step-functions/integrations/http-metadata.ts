/** What optimized integrations add to a result about the HTTP response, in the form recorded on AWS. */
import type { Clock } from "../../clock.ts";
import type { Json } from "../../local-aws.ts";
import { newId } from "../randomness.ts";

export interface ResponseHead {
  readonly contentType: string;
  readonly contentLength: number;
  /** How the service spells this header. */
  readonly connection?: "connection" | "Connection";
  readonly headers?: Readonly<Record<string, string>>;
}

export function httpMetadata(clock: Clock, head: ResponseHead) {
  const { contentType, contentLength, connection = "connection", headers = {} } = head;
  const requestId = newId();
  const all: Record<string, string> = {
    [connection]: "keep-alive",
    "Content-Length": String(contentLength),
    "Content-Type": contentType,
    Date: new Date(clock.now()).toUTCString(),
    ...headers,
    "x-amzn-RequestId": requestId,
  };
  const lists = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, [value]]));
  return {
    SdkHttpMetadata: { AllHttpHeaders: lists, HttpHeaders: all, HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
  } satisfies Record<string, Json>;
}
