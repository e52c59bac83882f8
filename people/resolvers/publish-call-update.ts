/** publishCallUpdate: passes the event to the subscribers with the time of sending, and stores nothing. */
import { type Context, util } from "@aws-appsync/utils";

export function request(ctx: Context) {
  return { payload: ctx.args.input };
}

export function response(ctx: Context) {
  return { ...ctx.result, serverNowMs: util.time.nowEpochMilliSeconds() };
}
