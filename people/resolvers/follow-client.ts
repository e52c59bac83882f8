/**
 * Wraps the steps of onCallUpdated and onClientUpdated, which follow the named client. It sets a filter, because AppSync
 * compares arguments by letter, and an app may name its client in upper case.
 */
import { type Context, extensions, util } from "@aws-appsync/utils";
import { lowerId } from "../rules/ids.ts";

export function request() {
  return {};
}

export function response(ctx: Context<{ clientId: string }>) {
  const clientId = { eq: lowerId(ctx.args.clientId) };
  extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter({ clientId }));
  return null;
}
