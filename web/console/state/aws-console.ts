/** Pages of the AWS console, for a stack that is deployed. */
import type { Stack } from "./facts.ts";

type Where = Pick<Stack, "isLocal" | "region">;

/** Undefined for a local runtime, which has none. */
export function executionPage({ isLocal, region }: Where, executionArn: string): string | undefined {
  if (isLocal) return undefined;
  return `https://${region}.console.aws.amazon.com/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}
