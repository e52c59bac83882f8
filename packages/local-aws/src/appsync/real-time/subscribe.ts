/** `start`: a subscription is checked, and its resolver run, before it is acknowledged. */
import { getArgumentValues, type GraphQLField, Kind, OperationTypeNode, type FieldNode } from "graphql";
import * as z from "zod";
import type { SubscriptionFilter } from "../code/subscription-filter.ts";
import { type GraphqlRequest, prepare, type Prepared, schemaOf } from "../execution.ts";
import { mayAccess } from "../field-access.ts";
import { FieldError, RequestError, unauthorized } from "../graphql-error.ts";
import { identify, type Identity } from "../identity.ts";
import { jsonIn } from "../nesting.ts";
import { resolveField } from "../resolve-field.ts";
import type { Served } from "../served.ts";
import { lowerCased, type ProtocolError } from "./protocol.ts";
import type { Subscription } from "./subscribers.ts";

/** What makes a subscription, without where its updates go. */
export type Wanted = Omit<Subscription, "deliver">;

const dataSchema = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

const payloadSchema = z.object({
  data: z.string(),
  extensions: z.object({ authorization: z.record(z.string(), z.unknown()) }),
});

/** A subscription, or why it is refused. */
export async function subscribe(
  served: Served,
  payload: unknown,
  sourceIp: string,
): Promise<Wanted | readonly ProtocolError[]> {
  try {
    const { data, extensions } = parse(payloadSchema, payload);
    const headers = lowerCased(extensions.authorization);
    const { authorization, ...shown } = headers;
    const signed = { path: "/graphql", query: "", headers, body: data };
    const identity = await identify(served, { authorization, sourceIp, signed });
    const request = { ...parse(dataSchema, jsonIn(data)), headers: shown };
    const prepared = prepare(served.api, request);
    if (!("operation" in prepared)) {
      return (prepared.errors ?? []).map(({ message, errorType }) => ({
        errorType: errorType ?? "ValidationError",
        message,
      }));
    }
    return await checked(served, prepared, request, identity);
  } catch (error) {
    return [refusalOf(error)];
  }
}

function refusalOf(error: unknown): ProtocolError {
  const { message } = error as Error;
  if (error instanceof RequestError) return { errorType: error.errorType, message, errorCode: error.status };
  if (error instanceof FieldError) return { errorType: error.errorType, message };
  throw error;
}

async function checked(
  served: Served,
  prepared: Prepared,
  request: GraphqlRequest,
  identity: Identity,
): Promise<Wanted> {
  const { api } = served;
  const { operation } = prepared;
  if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
    throw new RequestError(
      400,
      "UnsupportedOperation",
      "Only subscriptions are made through the real-time channel.",
    );
  }
  const type = schemaOf(api).getSubscriptionType();
  const [selection] = operation.selectionSet.selections;
  const field = selection?.kind === Kind.FIELD ? type?.getFields()[selection.name.value] : undefined;
  if (!type || !field || selection?.kind !== Kind.FIELD) {
    throw new RequestError(400, "BadRequestException", "A subscription must ask for one field.");
  }
  if (!mayAccess(api, identity, type, field)) throw unauthorized(type.name, field.name);
  const variables = request.variables ?? {};
  const args = argumentsOf(field, selection, variables);
  const filter = await runResolver(served, { prepared, request, identity, field, selection, args });
  return { prepared, variables, field: field.name, args, identity, filter };
}

/** Those that the document gives; what it leaves out stays out, and so does what a variable leaves out. */
function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  selection: FieldNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  try {
    return getArgumentValues(field, selection, variables);
  } catch (cause) {
    throw new RequestError(400, "ValidationError", (cause as Error).message);
  }
}

interface Asked {
  readonly prepared: Prepared;
  readonly request: GraphqlRequest;
  readonly identity: Identity;
  readonly field: GraphQLField<unknown, unknown>;
  readonly selection: FieldNode;
  readonly args: Readonly<Record<string, unknown>>;
}

async function runResolver(
  { localAws, api }: Served,
  { prepared, request, identity, field, selection, args }: Asked,
): Promise<SubscriptionFilter | undefined> {
  const type = schemaOf(api).getSubscriptionType();
  const resolver = type && api.resolvers.get(`${type.name}.${field.name}`);
  if (!type || !resolver) return undefined;
  const info = {
    fieldName: field.name,
    fieldNodes: [selection],
    returnType: field.type,
    parentType: type,
    path: { prev: undefined, key: field.name, typename: type.name },
    schema: schemaOf(api),
    fragments: {},
    rootValue: undefined,
    operation: prepared.operation,
    variableValues: { ...request.variables },
  };
  const { said } = await resolveField(
    { localAws, api, identity, request, source: null, args, info },
    resolver,
  );
  const [error] = said.errors;
  if (error) throw error;
  return said.subscriptionFilter;
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RequestError(400, "BadRequestException", `Invalid message: ${z.prettifyError(parsed.error)}`);
}
