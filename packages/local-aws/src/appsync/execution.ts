/** One operation, from its text to its reply: parsed, validated, bounded, and run by resolvers. */
import {
  execute,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type OperationDefinitionNode,
} from "graphql";
import type { LocalAws } from "../local-aws.ts";
import type { GraphqlApi } from "./apis.ts";
import { mayAccess } from "./field-access.ts";
import { errorReply, type ErrorReply, FieldError, RequestError, unauthorized } from "./graphql-error.ts";
import type { Identity } from "./identity.ts";
import { refuseTooMuch } from "./limits.ts";
import { isTooNested } from "./nesting.ts";
import { type Nulls, pathOf, watchNulls } from "./nulls.ts";
import { resolveField } from "./resolve-field.ts";
import { selectedData } from "./selected-value.ts";

export interface GraphqlRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  /** What resolvers see as `ctx.request.headers`. */
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface GraphqlReply {
  readonly data?: unknown;
  readonly errors?: readonly ErrorReply[];
}

/** As graphql-java, which AppSync runs, bounds a document. */
const MAX_TOKENS = 15_000;

export interface Prepared {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** A document that may be run, or the errors that it is answered with. */
export function prepare(api: GraphqlApi, request: GraphqlRequest): Prepared | GraphqlReply {
  const { query, operationName } = request;
  const schema = schemaOf(api);
  if (isTooNested(query)) throw unreadable();
  const { document, errors } = validated(schema, query, api.introspection);
  if (errors.length > 0) return { data: null, errors };
  const operation = getOperationAST(document, operationName);
  if (!operation) {
    throw new RequestError(400, "BadRequestException", "Missing operation name.");
  }
  const tooMuch = refuseTooMuch(api, document, operation);
  return tooMuch ? { data: null, errors: [tooMuch] } : { document, operation };
}

interface Validated {
  readonly document: DocumentNode;
  readonly errors: ErrorReply[];
}

/** Apps send the same few texts again and again, and validation is what a request costs most. */
const MOST_REMEMBERED = 100;
const remembered = new WeakMap<GraphQLSchema, Map<string, Validated>>();

function validated(schema: GraphQLSchema, query: string, introspection: boolean): Validated {
  const texts = remembered.get(schema) ?? new Map<string, Validated>();
  remembered.set(schema, texts);
  const known = texts.get(query);
  if (known) return known;
  const document = parsed(query);
  const fresh = { document, errors: validationErrors(schema, document, introspection) };
  if (texts.size >= MOST_REMEMBERED) texts.clear();
  texts.set(query, fresh);
  return fresh;
}

export function schemaOf({ schema, name }: GraphqlApi): GraphQLSchema {
  if (!schema) throw new Error(`the API ${name} has no schema`);
  return schema;
}

function parsed(query: string): DocumentNode {
  try {
    return parse(query, { maxTokens: MAX_TOKENS });
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    throw unreadable();
  }
}

const unreadable = (): RequestError =>
  new RequestError(400, "MalformedHttpRequestException", "Unable to parse GraphQL query.");

/** The rules of the specification by the names that graphql-java gives their errors. */
const KINDS: Readonly<Record<string, string>> = {
  FieldsOnCorrectTypeRule: "FieldUndefined",
  ScalarLeafsRule: "SubSelectionRequired",
  KnownArgumentNamesRule: "UnknownArgument",
  ProvidedRequiredArgumentsRule: "MissingFieldArgument",
  ValuesOfCorrectTypeRule: "WrongType",
  KnownTypeNamesRule: "UnknownType",
  NoUndefinedVariablesRule: "UndefinedVariable",
  NoUnusedVariablesRule: "UnusedVariable",
  VariablesInAllowedPositionRule: "VariableTypeMismatch",
  KnownDirectivesRule: "UnknownDirective",
  KnownFragmentNamesRule: "UndefinedFragment",
  NoUnusedFragmentsRule: "UnusedFragment",
};

function validationErrors(
  schema: GraphQLSchema,
  document: DocumentNode,
  introspection: boolean,
): ErrorReply[] {
  for (const rule of specifiedRules) {
    const errors = validate(schema, document, [rule], { maxErrors: 10 });
    if (errors.length > 0) {
      const kind = KINDS[rule.name] ?? "InvalidSyntax";
      return errors.map((error) => ({
        ...errorReply(error),
        path: null,
        message: `Validation error of type ${kind}: ${error.message}`,
      }));
    }
  }
  return introspection ? [] : introspectionErrors(document);
}

function introspectionErrors(document: DocumentNode): ErrorReply[] {
  const named = /"value":"(__schema|__type)"/.exec(JSON.stringify(document));
  if (!named) return [];
  const message = `Validation error of type FieldUndefined: Field '${named[1]}' in type 'Query' is undefined @ '${named[1]}'`;
  return [{ path: null, locations: [], message }];
}

export interface Execution {
  readonly localAws: LocalAws;
  readonly api: GraphqlApi;
  readonly identity: Identity;
  readonly request: GraphqlRequest;
  /** Called with the result of each field of a mutation that succeeded. */
  readonly onMutated?: (mutated: Mutated) => void;
}

export interface Mutated {
  readonly field: string;
  readonly result: unknown;
  readonly prepared: Prepared;
  readonly variables: Readonly<Record<string, unknown>>;
}

export async function run(execution: Execution, prepared: Prepared): Promise<GraphqlReply> {
  const { api, request } = execution;
  const appended: ErrorReply[] = [];
  const nulls = watchNulls();
  const result = await execute({
    schema: schemaOf(api),
    document: prepared.document,
    operationName: request.operationName,
    variableValues: request.variables,
    fieldResolver: fieldResolver(execution, prepared, { appended, nulls }),
  });
  return replyOf(result, nulls, appended);
}

export function replyOf(
  { data, errors = [] }: ExecutionResult,
  nulls: Nulls,
  appended: ErrorReply[] = [],
): GraphqlReply {
  const all = [...nulls.reported(errors.map(errorReply)), ...appended];
  return { data: data ?? null, ...(all.length > 0 && { errors: all }) };
}

function fieldResolver(
  execution: Execution,
  prepared: Prepared,
  { appended, nulls }: { readonly appended: ErrorReply[]; readonly nulls: Nulls },
): GraphQLFieldResolver<unknown, unknown> {
  const { api, identity, localAws, request, onMutated } = execution;
  return async (source, args: Record<string, unknown>, _context, info) => {
    const { parentType, fieldName } = info;
    const field = parentType.getFields()[fieldName];
    if (!field || !mayAccess(api, identity, parentType, field))
      throw unauthorized(parentType.name, fieldName);
    const resolver = api.resolvers.get(`${parentType.name}.${fieldName}`);
    if (!resolver) return nulls.seen((source as Record<string, unknown> | undefined)?.[fieldName], info);
    const resolved = resolveField({ localAws, api, identity, request, source, args, info }, resolver);
    const { result, said } = await resolved.catch((error: unknown) => {
      throw error instanceof FieldError ? shown(error, info) : error;
    });
    for (const error of said.errors) appended.push(appendedError(shown(error, info), info));
    if (
      info.operation.operation === OperationTypeNode.MUTATION &&
      result !== null &&
      said.errors.length === 0
    ) {
      onMutated?.({ field: fieldName, result, prepared, variables: info.variableValues });
    }
    return nulls.seen(result, info);
  };
}

const shown = ({ message, errorType, data, errorInfo }: FieldError, info: GraphQLResolveInfo): FieldError =>
  new FieldError(message, errorType, selectedData(data, info), errorInfo);

function appendedError(error: FieldError, info: GraphQLResolveInfo): ErrorReply {
  const { fieldNodes: nodes } = info;
  return errorReply(new GraphQLError(error.message, { nodes, path: pathOf(info), originalError: error }));
}
