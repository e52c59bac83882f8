/** Wraps the steps of onCreatePerson, onUpdatePerson, onDeletePerson: any person may follow the directory, whole or by a filter. */
import { type Context, extensions, util } from "@aws-appsync/utils";
import { withLowerClientIds } from "../rules/ids.ts";

export function request() {
  return {};
}

export function response(ctx: Context<{ filter?: Record<string, unknown> | null }>) {
  const { filter } = ctx.args;
  if (filter) {
    extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter(withLowerClientIds(filter)));
  }
  return null;
}
