/** What resolvers import: `util`, `extensions` and `runtime`, of each the functions that are used; others are refused by name. */
import { randomUUID } from "node:crypto";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Clock } from "../../clock.ts";
import { FieldError, unauthorized } from "../graphql-error.ts";
import type { Identity } from "../identity.ts";
import { toExpression } from "./expressions.ts";
import { type CodeTools, EarlyReturn } from "./resolver-code.ts";
import { type SubscriptionFilter, toSubscriptionFilter } from "./subscription-filter.ts";

export interface Invocation {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly parentType: string;
  readonly fieldName: string;
  /** Filled by what the code says beside its result. */
  readonly said: { errors: FieldError[]; subscriptionFilter?: SubscriptionFilter };
}

const AUTH_TYPES = {
  AMAZON_COGNITO_USER_POOLS: "User Pool Authorization",
  AWS_IAM: "IAM Authorization",
} as const;

export function codeTools(invocation: Invocation): CodeTools {
  return { util: utilOf(invocation), extensions: extensionsOf(invocation), runtime };
}

function utilOf({ clock, identity, parentType, fieldName, said }: Invocation): object {
  const toDynamoDB = (value: unknown): unknown => marshalled({ value })["value"];
  return known("util", {
    autoId: () => randomUUID(),
    authType: () => AUTH_TYPES[identity.mode],
    unauthorized() {
      throw unauthorized(parentType, fieldName);
    },
    error(message: string, type?: string, data?: unknown, info?: unknown) {
      throw new FieldError(message, type, data, info);
    },
    appendError(message: string, type?: string, data?: unknown, info?: unknown) {
      said.errors.push(new FieldError(message, type, data, info));
    },
    matches: matchesPattern,
    str: known("util.str", {
      normalize: (value: string, form: string) => value.normalize(form.toUpperCase()),
    }),
    time: known("util.time", {
      nowISO8601: () => new Date(clock.now()).toISOString(),
      nowEpochSeconds: () => Math.floor(clock.now() / 1000),
      nowEpochMilliSeconds: () => clock.now(),
    }),
    dynamodb: known("util.dynamodb", { toDynamoDB, toMapValues: marshalled }),
    transform: known("util.transform", {
      toDynamoDBFilterExpression: (filter: unknown) => JSON.stringify(toExpression(filter)),
      toDynamoDBConditionExpression: (condition: unknown) => JSON.stringify(toExpression(condition)),
      toSubscriptionFilter,
    }),
  });
}

/** AWS reads Java's patterns, and does not say whether the whole text must match: a pattern for which that matters is refused. */
function matchesPattern(pattern: string, value: string): boolean {
  const somewhere = new RegExp(pattern, "u").test(value);
  if (somewhere === new RegExp(`^(?:${pattern})$`, "u").test(value)) return somewhere;
  throw new FieldError(`util.matches: the pattern ${pattern} does not say where it begins and ends`, "Code");
}

const extensionsOf = ({ said }: Invocation): object =>
  known("extensions", {
    setSubscriptionFilter(filter: SubscriptionFilter) {
      // It comes out of the code's own context.
      said.subscriptionFilter = JSON.parse(JSON.stringify(filter)) as SubscriptionFilter;
    },
  });

const runtime = known("runtime", {
  earlyReturn(value?: unknown, options?: { skipTo?: "END" | "NEXT" }) {
    throw new EarlyReturn(value ?? null, options?.skipTo ?? "NEXT");
  },
});

/** What AppSync has and this runtime has not is an error that says so. */
function known(name: string, functions: object): object {
  return new Proxy(functions, {
    get(target, property) {
      if (property in target || typeof property === "symbol") return Reflect.get(target, property) as unknown;
      throw new FieldError(`${name}.${property} is not part of the local runtime`, "Code");
    },
  });
}

function marshalled(value: unknown): Record<string, unknown> {
  // JSON first: the value comes out of the code's own context, where a plain object is another one's.
  const plain = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
  return marshall(plain) as Record<string, unknown>;
}
