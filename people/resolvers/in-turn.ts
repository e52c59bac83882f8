/** Wraps the steps of a field that has several: returns the result of the last one. */
import type { Context } from "@aws-appsync/utils";

export function request() {
  return {};
}

export function response(ctx: Context) {
  return ctx.prev.result;
}
