/**
 * The policy of a queue or a log group, as it is read for AWS services that write to it. A role of the same account needs
 * only its own policy. What this reading does not understand is refused when the policy is created, by name.
 */
import { AwsError } from "../local-aws.ts";

export interface PolicyDocument {
  readonly Statement: Statement | readonly Statement[];
}

interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, string | readonly string[]>>;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface ServiceRequest {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly sourceArn: string;
}

const OPERATORS = new Set(["ArnEquals", "ArnLike", "StringEquals", "StringLike", "Bool"]);
const KEYS = new Set(["aws:SourceArn", "aws:SourceAccount", "aws:SecureTransport"]);
const PARTS = new Set(["Sid", "Effect", "Principal", "Action", "Resource", "Condition"]);

export function refuseUnknownPolicy(policy: PolicyDocument): void {
  for (const statement of statementsOf(policy)) {
    const part = Object.keys(statement).find((name) => !PARTS.has(name));
    if (part) throw new Error(`resource policy: ${part} is not part of the local runtime`);
    for (const [operator, keys] of Object.entries(statement.Condition ?? {})) {
      const unknown = OPERATORS.has(operator) ? Object.keys(keys).find((key) => !KEYS.has(key)) : operator;
      if (unknown) throw new Error(`resource policy: condition ${unknown} is not part of the local runtime`);
    }
  }
}

/** Throws what AWS answers if the policy does not let the service in. */
export function checkPolicy(policy: PolicyDocument | undefined, request: ServiceRequest): void {
  const applying = policy ? statementsOf(policy).filter((statement) => applies(statement, request)) : [];
  const denied = applying.some(({ Effect }) => Effect === "Deny");
  if (!denied && applying.some(({ Effect }) => Effect === "Allow")) return;
  const why = denied
    ? "with an explicit deny in a resource-based policy"
    : "because no resource-based policy allows";
  throw new AwsError(
    "AccessDeniedException",
    `User: ${request.principal} is not authorized to perform: ${request.action} on resource: ${request.resource} ${why}${denied ? "" : ` the ${request.action} action`}`,
    403,
  );
}

const statementsOf = ({ Statement }: PolicyDocument): readonly Statement[] =>
  [Statement].flat() as Statement[];

function applies(statement: Statement, request: ServiceRequest): boolean {
  return (
    matchesAny(statement.Action, request.action.toLowerCase(), (pattern) => pattern.toLowerCase()) &&
    matchesAny(statement.Resource ?? "*", request.resource) &&
    namesPrincipal(statement.Principal, request.principal) &&
    Object.entries(statement.Condition ?? {}).every(([, keys]) =>
      Object.entries(keys).every(([key, wanted]) => matchesAny(wanted, valueOf(key, request))),
    )
  );
}

function namesPrincipal(named: Statement["Principal"], principal: string): boolean {
  if (named === undefined) return false;
  if (named === "*") return true;
  return Object.entries(named).some(
    ([kind, names]) =>
      (kind === "Service" && [names].flat().includes(principal)) ||
      (kind === "AWS" && [names].flat().includes("*")),
  );
}

/** In this process everything counts as sent over TLS. */
function valueOf(key: string, { sourceArn }: ServiceRequest): string {
  if (key === "aws:SourceArn") return sourceArn;
  return key === "aws:SourceAccount" ? (sourceArn.split(":")[4] ?? "") : "true";
}

function matchesAny(
  patterns: unknown,
  value: string,
  prepare = (pattern: string): string => pattern,
): boolean {
  return [patterns].flat().some((pattern) => wildcard(prepare(String(pattern))).test(value));
}

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
