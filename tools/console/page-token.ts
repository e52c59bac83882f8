/** Where the next page begins: opaque to the page, checked when it comes back. */
import type * as z from "zod";
import { ViewProblem } from "./view-problem.ts";

export const pageToken = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString("base64url");

export function placeIn<S extends z.ZodType>(token: string | undefined, schema: S): z.output<S> | undefined {
  if (token === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(token, "base64url").toString("utf8")));
  } catch {
    throw new ViewProblem(400, "The request is not valid", "page: expected the nextPage of the page before");
  }
}
