/**
 * Who has subscribed to what, and what a mutation tells them.
 *
 * S1 A subscription hears of the mutations that its field names, if they succeeded.
 * S2 It hears what the mutation selected, as its own document asks for it; the rest is null.
 * S3 Without a filter of its resolver, each argument that was given must equal the field of its name. An argument that
 *    is null must meet a field that is null; one that was left out matches everything.
 */
import { execute, type GraphQLField, valueFromASTUntyped } from "graphql";
import type { LocalAws } from "../../local-aws.ts";
import type { GraphqlApi } from "../apis.ts";
import { passes, type SubscriptionFilter } from "../code/subscription-filter.ts";
import { type Mutated, type Prepared, replyOf, schemaOf } from "../execution.ts";
import { mayAccess } from "../field-access.ts";
import { unauthorized } from "../graphql-error.ts";
import type { Identity } from "../identity.ts";
import { watchNulls } from "../nulls.ts";
import { selectedValue } from "../selected-value.ts";

export interface Subscription {
  readonly prepared: Prepared;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly field: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly identity: Identity;
  readonly filter: SubscriptionFilter | undefined;
  deliver(payload: object): void;
}

export interface Subscribers {
  /** The returned function ends the subscription. */
  add(subscription: Subscription): () => void;
  publish(api: GraphqlApi, mutated: Mutated): Promise<void>;
}

/** Updates are billed by their size. */
const BILLED_BYTES = 5 * 1024;

export function createSubscribers(localAws: LocalAws): Subscribers {
  const subscriptions = new Set<Subscription>();
  return {
    add(subscription) {
      subscriptions.add(subscription);
      return () => void subscriptions.delete(subscription);
    },
    async publish(api, mutated) {
      const value = selectedValue(mutated);
      for (const subscription of subscriptions) {
        if (!hears(api, subscription, mutated.field) || !wants(subscription, value)) continue;
        const payload = await payloadOf(api, subscription, value);
        const bytes = Buffer.byteLength(JSON.stringify(payload));
        localAws.meter("appsync:real-time-update", Math.ceil(bytes / BILLED_BYTES));
        subscription.deliver(payload);
      }
    },
  };
}

function hears(api: GraphqlApi, { field }: Subscription, mutation: string): boolean {
  const definition = api.schema?.getSubscriptionType()?.getFields()[field];
  return definition ? mutationsOf(definition).includes(mutation) : false;
}

function mutationsOf({ astNode }: GraphQLField<unknown, unknown>): readonly string[] {
  const directive = astNode?.directives?.find(({ name }) => name.value === "aws_subscribe");
  const mutations = directive?.arguments?.find(({ name }) => name.value === "mutations");
  return mutations ? (valueFromASTUntyped(mutations.value) as string[]) : []; // a list of strings by its definition
}

function wants({ filter, args }: Subscription, value: Readonly<Record<string, unknown>>): boolean {
  if (filter) return passes(filter, value);
  return Object.entries(args).every(([name, wanted]) => (wanted ?? null) === (value[name] ?? null));
}

async function payloadOf(api: GraphqlApi, subscription: Subscription, value: unknown): Promise<object> {
  const { prepared, variables, field, identity } = subscription;
  const nulls = watchNulls();
  const result = await execute({
    schema: schemaOf(api),
    document: prepared.document,
    operationName: prepared.operation.name?.value,
    variableValues: variables,
    rootValue: { [field]: value },
    // Asynchronous, because a null that is found at once would keep graphql-js from the fields beside it.
    async fieldResolver(source: Readonly<Record<string, unknown>>, _args, _context, info) {
      const { parentType, fieldName } = info;
      const definition = parentType.getFields()[fieldName];
      if (!definition || !mayAccess(api, identity, parentType, definition)) {
        throw unauthorized(parentType.name, fieldName);
      }
      return nulls.seen(source[fieldName], info);
    },
  });
  return replyOf(result, nulls);
}
