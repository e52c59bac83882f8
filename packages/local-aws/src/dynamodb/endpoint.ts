/**
 * Any DynamoDB endpoint over HTTP (DynamoDB Local, moto, a real account through a signing proxy).
 * Each runtime puts a prefix of its own before every table name, so that test runs that share an endpoint do not meet.
 */
import { randomBytes } from "node:crypto";
import type { Shape } from "../local-aws.ts";
import { type Engine, errorOf } from "./engine.ts";
import { mapTableNames } from "./table-name.ts";

const runPrefix = (): string => `r${randomBytes(6).toString("hex")}-`;

/** The endpoint checks the form of a signature, not the signature. */
function headers(operation: string, region: string): Record<string, string> {
  const scope = `localaws/20260101/${region}/dynamodb/aws4_request`;
  return {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `DynamoDB_20120810.${operation}`,
    "x-amz-date": "20260101T000000Z",
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature=00`,
  };
}

export function openEndpoint(url: string, region: string): Engine {
  const prefix = runPrefix();
  return {
    async call(operation, input) {
      const body = JSON.stringify(mapTableNames(input, (name) => prefix + name));
      const response = await fetch(url, { method: "POST", headers: headers(operation, region), body });
      const text = (await response.text()).replaceAll(prefix, "");
      const reply = JSON.parse(text || "{}") as Shape;
      if (!response.ok) throw errorOf(reply, response.status);
      return reply;
    },
  };
}
