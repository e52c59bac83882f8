/** publishCallUpdate: hands the event to those who have subscribed, with the time at which it does; nothing is stored. */
import { type Context, util } from "@aws-appsync/utils";

export function request(ctx: Context) {
  return { payload: ctx.args.input };
}

export function response(ctx: Context) {
  return { ...ctx.result, serverNowMs: util.time.nowEpochMilliSeconds() };
}
