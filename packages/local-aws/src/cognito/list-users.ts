/** ListUsers: an operator finds people, by one attribute at most. */
import * as z from "zod";
import type { Operation, Shape } from "../local-aws.ts";
import { attributesOf } from "./attributes.ts";
import { invalidParameter } from "./refusals.ts";
import { pageOf, read, signed } from "./request.ts";
import type { User, UserPools } from "./user-pools.ts";
import { describeUser } from "./users.ts";

const request = z.object({
  UserPoolId: z.string(),
  Filter: z.string().max(256).default(""),
  AttributesToGet: z.array(z.string()).optional(),
});

export const listUsers = (pools: UserPools): Operation =>
  signed(pools, "ListUsers", (input) => {
    const { UserPoolId, Filter, AttributesToGet: wanted } = read(request, input);
    const found = [...pools.pool(UserPoolId).users.values()].filter(filterOf(Filter));
    const { items, next } = pageOf(found, input["Limit"], input["PaginationToken"]);
    const shown = (user: User): Shape[] =>
      attributesOf(user).filter(({ Name }) => !wanted || wanted.includes(String(Name)));
    return {
      Users: items.map((user) => ({ ...describeUser(user), Attributes: shown(user) })),
      ...(next ? { PaginationToken: next } : {}),
    };
  });

/** What Cognito can search by; custom attributes are not among it. */
const SEARCHABLE: Readonly<Record<string, (user: User) => string | undefined>> = {
  username: ({ username }) => username,
  sub: ({ sub }) => sub,
  status: ({ enabled }) => (enabled ? "Enabled" : "Disabled"),
  "cognito:user_status": ({ status }) => status,
  ...Object.fromEntries(
    "email phone_number name given_name family_name preferred_username"
      .split(" ")
      .map((name) => [name, ({ attributes }: User) => attributes[name]]),
  ),
};

/** `email = "bob@example.com"` or, by its beginning, `email ^= "bob"`. */
function filterOf(filter: string): (user: User) => boolean {
  if (filter.trim() === "") return () => true;
  const [, name = "", operator, text = ""] =
    /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/.exec(filter) ?? [];
  if (!operator) throw invalidParameter("Error while parsing filter.");
  if (!Object.hasOwn(SEARCHABLE, name)) throw invalidParameter(`Invalid search attribute: ${name}`);
  const foldCase = name === "cognito:user_status";
  const fold = (value: string): string => (foldCase ? value.toLowerCase() : value);
  const wanted = fold(text.replaceAll(/\\(.)/g, "$1"));
  return (user) => {
    const value = fold(SEARCHABLE[name]?.(user) ?? "");
    return operator === "=" ? value === wanted : value.startsWith(wanted);
  };
}
