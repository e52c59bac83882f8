/** Who asks: a person who is signed in to the user pool. */
import type { AppSyncIdentityCognito, Context } from "@aws-appsync/utils";

// The API lets in nobody else to the fields that ask: those are closed to IAM by the schema.
const identity = (ctx: Context) => ctx.identity as AppSyncIdentityCognito;

export const subOf = (ctx: Context): string => identity(ctx).sub;

export function isOperator(ctx: Context): boolean {
  const groups = identity(ctx).groups ?? [];
  return groups.indexOf("operators") >= 0;
}
