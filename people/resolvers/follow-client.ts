/**
 * Around the steps of onCallUpdated and onClientUpdated: what happens to the client that was named. By a filter, because
 * arguments are compared letter by letter, and an app may name its client in upper case.
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
