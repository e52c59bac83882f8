/** Around the steps of a field that has several: nothing before, and the result of the last one after. */
import type { Context } from "@aws-appsync/utils";

export function request() {
  return {};
}

export function response(ctx: Context) {
  return ctx.prev.result;
}
