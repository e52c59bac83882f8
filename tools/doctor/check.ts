/**
 * A check looks at one thing of an account and says what it found.
 *
 * Q1 What could not be looked at is `unknown`, with the permissions that it takes: no refusal passes for good.
 * Q2 A check that fails does not keep the others from looking.
 */
import type { Account } from "./account.ts";
import type { DeployedStack } from "./deployed-stack.ts";
import type { Deployment } from "./deployment.ts";
import type { Finding, Seen } from "./finding.ts";
import type { NpmCommand } from "./npm-command.ts";

export interface Place {
  readonly account: Account;
  readonly accountId: string;
  readonly deployment: Deployment;
  /** The stack that is there already; undefined before the first deployment. */
  stack(): Promise<DeployedStack | undefined>;
  /** Ends commands of the AWS CLI: ` --profile x --region y`. */
  readonly awsOptions: string;
  /** Ends commands of the CDK CLI: ` --profile x`. */
  readonly cdkOptions: string;
  readonly npmCommand: NpmCommand;
}

export interface Check {
  readonly title: string;
  /** IAM actions that it asks for. */
  readonly needs: readonly string[];
  look(place: Place): Promise<Seen | readonly Seen[]> | Seen | readonly Seen[];
}

export async function examine(checks: readonly Check[], place: Place): Promise<Finding[]> {
  const findings = await Promise.all(checks.map((check) => seenBy(check, place)));
  return findings.flat();
}

async function seenBy(check: Check, place: Place): Promise<Finding[]> {
  const { title, needs } = check;
  try {
    return [await check.look(place)].flat().map((seen) => ({ check: title, ...seen }));
  } catch (error) {
    return [{ check: title, ...couldNotCheck(error, needs) }];
  }
}

export function couldNotCheck(error: unknown, needs: readonly string[]): Seen {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const what = `Could not look: ${[name, message].filter((part) => part !== "").join(": ")}`;
  if (!isDenied(error)) return { verdict: "unknown", what };
  return { verdict: "unknown", what, why: `These credentials need ${needs.join(", ")}.` };
}

function isDenied(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode === 403 || /AccessDenied|NotAuthorized|Forbidden/.test(error.name);
}
