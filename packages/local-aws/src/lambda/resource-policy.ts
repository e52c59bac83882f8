/** The resource policy of a function: which services may invoke it, for which of their resources. */
import { AwsError, type Caller } from "../local-aws.ts";
import { matchesPattern } from "../iam/match-pattern.ts";

export interface Grant {
  /** Of the permission that gives it. */
  readonly id?: string;
  readonly principal: string;
  readonly action: string;
  readonly sourceArn?: string;
  readonly sourceAccount?: string;
}

type ServiceCaller = Extract<Caller, { kind: "service" }>;

/** Throws as Lambda does if no grant lets the service invoke the function. Roles are checked by local AWS. */
export function checkResourcePolicy(functionArn: string, grants: readonly Grant[], caller: Caller): void {
  if (caller.kind !== "service" || grants.some((grant) => lets(grant, caller))) return;
  throw new AwsError(
    "AccessDeniedException",
    `User: ${caller.principal} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn} ` +
      "because no resource-based policy allows the lambda:InvokeFunction action",
    403,
  );
}

function lets(grant: Grant, { principal, sourceArn }: ServiceCaller): boolean {
  const account = sourceArn.split(":")[4];
  return (
    matchesPattern(grant.action, "lambda:InvokeFunction") &&
    (grant.principal === principal || grant.principal === "*") &&
    (grant.sourceArn === undefined || matchesPattern(grant.sourceArn, sourceArn)) &&
    (grant.sourceAccount === undefined || grant.sourceAccount === account)
  );
}
