/** Pages of a list: maxResults up to 1,000 (0 means 100), and a token that says where the next page begins. */
import { AwsError, type Shape } from "../../local-aws.ts";
import { checkLeast, checkLength, checkMost } from "./constraints.ts";
import { textOf } from "../wire-text.ts";

const DEFAULT_RESULTS = 100;
const MAX_RESULTS = 1000;

/** `key` names an item for good, so that a page begins at the right place even if the list has grown since. */
export function pageOf<T>(items: readonly T[], input: Shape, key: (item: T) => string) {
  const { maxResults, nextToken } = input;
  const size = Number(maxResults ?? 0) || DEFAULT_RESULTS;
  checkLeast("maxResults", size, 0);
  checkMost("maxResults", size, MAX_RESULTS);
  checkLength("nextToken", nextToken, 3096);
  const from = nextToken === undefined ? 0 : positionOf(items, textOf(nextToken), key);
  const following = items[from + size];
  const token = following === undefined ? {} : { nextToken: encode(key(following)) };
  return { page: items.slice(from, from + size), token };
}

const encode = (text: string): string => Buffer.from(text).toString("base64");

function positionOf<T>(items: readonly T[], token: string, key: (item: T) => string): number {
  const wanted = Buffer.from(token, "base64").toString();
  const position = items.findIndex((item) => key(item) === wanted);
  if (position >= 0) return position;
  throw new AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
}
