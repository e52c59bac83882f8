/** publishClientUpdate: passes the event to the subscribers and stores nothing. */
import type { Context } from "@aws-appsync/utils";

export function request(ctx: Context) {
  return { payload: ctx.args.input };
}

export function response(ctx: Context) {
  return ctx.result;
}
