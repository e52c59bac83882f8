/** publishClientUpdate: hands the event to those who have subscribed; nothing is stored. */
import type { Context } from "@aws-appsync/utils";

export function request(ctx: Context) {
  return { payload: ctx.args.input };
}

export function response(ctx: Context) {
  return ctx.result;
}
