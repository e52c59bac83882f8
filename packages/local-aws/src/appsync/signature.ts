/**
 * Signature version 4 of a request to AppSync: it is computed anew with the secret of the key that it names.
 *
 * S1 The body, the path, and every header that is named as signed are covered; a request that was changed or is older than five
 *    minutes is refused.
 * S2 Refusals are AWS's: 403, with the error types that clients of AppSync see.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { LocalCredentials } from "../local-credentials.ts";
import { RequestError } from "./graphql-error.ts";

export interface SignedRequest {
  readonly path: string;
  readonly query: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string | Buffer;
}

const MAX_AGE_MS = 5 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=([^/, ]+)\/(\d{8})\/([^/, ]+)\/appsync\/aws4_request, *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})$/;

const refused = (errorType: string, message: string): RequestError =>
  new RequestError(403, errorType, message);
const NO_MATCH =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

export function checkSignature(
  { path, query, headers, body }: SignedRequest,
  { accessKeyId, secretAccessKey }: LocalCredentials,
  nowMs: number,
): void {
  const [, key, day = "", region = "", names = "", given = ""] =
    AUTHORIZATION.exec(headers["authorization"] ?? "") ?? [];
  if (key !== accessKeyId) {
    throw refused("UnrecognizedClientException", "The security token included in the request is invalid.");
  }
  const time = headers["x-amz-date"] ?? "";
  if (!time.startsWith(day) || Math.abs(nowMs - momentOf(time)) > MAX_AGE_MS) {
    throw refused("InvalidSignatureException", `Signature expired: ${time} is not within 5 minutes of now`);
  }
  const signed = names
    .split(";")
    .map(
      (name) =>
        `${name}:${(Object.hasOwn(headers, name) ? (headers[name] ?? "") : "").trim().replaceAll(/ +/g, " ")}\n`,
    );
  const canonical = ["POST", path, sorted(query), signed.join(""), names, digest(body)].join("\n");
  const scope = `${day}/${region}/appsync/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, digest(canonical)].join("\n");
  const secret = [day, region, "appsync", "aws4_request"].reduce<string | Buffer>(
    (current, part) => hmac(current, part),
    `AWS4${secretAccessKey}`,
  );
  if (!timingSafeEqual(hmac(secret, text), Buffer.from(given, "hex"))) {
    throw refused("InvalidSignatureException", NO_MATCH);
  }
}

/** `20260101T090000Z`; NaN, which is near nothing, for anything else. */
function momentOf(time: string): number {
  const moment = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  return Number.isNaN(moment) ? -Infinity : moment;
}

const sorted = (query: string): string => query.split("&").toSorted().join("&");
const digest = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
