/** AWS's Query protocol, which CloudFormation and STS speak: a form goes in, XML comes out. */
import { AwsError, type Shape } from "../local-aws.ts";
import type { WireRequest } from "./http-message.ts";
import { writeXml } from "./xml.ts";

export interface QueryRequest {
  readonly operation: string;
  readonly input: Shape;
}

interface Queried {
  readonly service: string;
  readonly operation: string;
}

export interface QueryReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const CLOUDFORMATION = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
const STS = "https://sts.amazonaws.com/doc/2011-06-15/";
const namespaceOf = (service: string): string => (service === "sts" ? STS : CLOUDFORMATION);
const XML = { "content-type": "text/xml" };

export const isQuery = ({ method, headers }: WireRequest): boolean =>
  method === "POST" && /^application\/x-www-form-urlencoded\b/.test(headers["content-type"] ?? "");

export function readQueryRequest({ body }: WireRequest): QueryRequest {
  const {
    Action,
    Version: _version,
    ...fields
  } = Object.fromEntries(new URLSearchParams(body.toString("utf8")));
  if (Action !== undefined && /^[A-Z]\w*$/.test(Action)) return { operation: Action, input: nested(fields) };
  throw new AwsError("MissingAction", "The request must contain the parameter Action.");
}

/** Elements of a list have names such as `Tags.member.1.Key`. */
function nested(fields: Readonly<Record<string, string>>): Shape {
  const root: Shape = {};
  for (const [name, value] of Object.entries(fields)) {
    const path = name.split(".");
    const last = path.pop() ?? "";
    let at = root;
    for (const part of path) {
      if (!Object.hasOwn(at, part) || typeof at[part] !== "object") define(at, part, {});
      at = at[part] as Shape;
    }
    define(at, last, value);
  }
  return listed(root) as Shape;
}

/** Also a name such as `__proto__` is a name only. */
const define = (at: Shape, name: string, value: unknown): void =>
  void Object.defineProperty(at, name, { value, enumerable: true, configurable: true, writable: true });

function listed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { member } = value as { member?: object };
  if (typeof member === "object") return Object.values(member).map(listed);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, listed(inner)]));
}

export function queryReply({ service, operation }: Queried, output: Shape, RequestId: string): QueryReply {
  const content = { [`${operation}Result`]: withMembers(output), ResponseMetadata: { RequestId } };
  return { status: 200, headers: XML, body: writeXml(`${operation}Response`, content, namespaceOf(service)) };
}

export function queryRefusal(
  service: string,
  { code, message, status }: AwsError,
  RequestId: string,
): QueryReply {
  const Error = { Type: status < 500 ? "Sender" : "Receiver", Code: code, Message: message };
  return {
    status,
    headers: XML,
    body: writeXml("ErrorResponse", { Error, RequestId }, namespaceOf(service)),
  };
}

/** In this protocol each element of a list is a `member`. */
function withMembers(value: unknown): unknown {
  if (Array.isArray(value)) return { member: value.map(withMembers) };
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withMembers(member)]));
}
