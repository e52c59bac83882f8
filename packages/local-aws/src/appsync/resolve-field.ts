/** The resolver of one field: its request, the data source, its response; several functions in turn for a pipeline. */
import type { GraphQLResolveInfo } from "graphql";
import { print } from "graphql";
import type { LocalAws, Shape } from "../local-aws.ts";
import type { GraphqlApi, Resolver, Step } from "./apis.ts";
import { EarlyReturn, type Evaluated, type Handler, type ResolverCode } from "./code/resolver-code.ts";
import { codeTools, type Invocation } from "./code/code-tools.ts";
import { callTable, type SourceReply } from "./data-sources/dynamodb-source.ts";
import type { Identity } from "./identity.ts";

export interface FieldRequest {
  readonly localAws: LocalAws;
  readonly api: GraphqlApi;
  readonly identity: Identity;
  /** What resolvers see as `ctx.request`. */
  readonly request: { readonly headers: Readonly<Record<string, unknown>> };
  readonly source: unknown;
  readonly args: Readonly<Record<string, unknown>>;
  readonly info: GraphQLResolveInfo;
}

export interface Resolved {
  readonly result: unknown;
  readonly said: Invocation["said"];
}

export async function resolveField(field: FieldRequest, resolver: Resolver): Promise<Resolved> {
  const { localAws, identity, info } = field;
  const said: Invocation["said"] = { errors: [] };
  const parentType = info.parentType.name;
  const tools = codeTools({ clock: localAws.clock, identity, parentType, fieldName: info.fieldName, said });
  const context: Shape = { ...contextOf(field), stash: {}, prev: { result: null } };
  const evaluate = (code: ResolverCode, handler: Handler, more: Shape = {}): Evaluated => {
    try {
      const evaluated = code.run(handler, { ...context, ...more }, tools);
      context["stash"] = evaluated.stash;
      return evaluated;
    } catch (error) {
      if (error instanceof EarlyReturn) context["stash"] = error.stash;
      throw error;
    }
  };
  const result =
    resolver.kind === "UNIT"
      ? await runUnit(field, resolver.step, evaluate)
      : await runPipeline(field, resolver, evaluate, context);
  return { result, said };
}

type Evaluate = (code: ResolverCode, handler: Handler, more?: Shape) => Evaluated;

async function runUnit(field: FieldRequest, step: Step, evaluate: Evaluate): Promise<unknown> {
  try {
    return await runStep(field, step, evaluate);
  } catch (error) {
    if (error instanceof EarlyReturn) return error.value;
    throw error;
  }
}

async function runStep(field: FieldRequest, step: Step, evaluate: Evaluate): Promise<unknown> {
  const request = evaluate(step.code, "request").result;
  const { result, error } = await askSource(field, step.dataSource, request);
  const more = error && { error: { message: error.message, type: error.errorType } };
  return evaluate(step.code, "response", { result, ...more }).result;
}

async function runPipeline(
  field: FieldRequest,
  { around, functionIds }: Extract<Resolver, { kind: "PIPELINE" }>,
  evaluate: Evaluate,
  context: Shape,
): Promise<unknown> {
  try {
    evaluate(around, "request");
    for (const id of functionIds) {
      const step = field.api.functions.get(id);
      if (!step) throw new Error(`no function ${id}`);
      const ended = await runFunction(field, step, evaluate, context);
      if (ended) break;
    }
  } catch (error) {
    if (!(error instanceof EarlyReturn)) throw error;
    context["prev"] = { result: error.value };
  }
  return evaluate(around, "response").result;
}

/** True if the function ended the pipeline. */
async function runFunction(
  field: FieldRequest,
  step: Step,
  evaluate: Evaluate,
  context: Shape,
): Promise<boolean> {
  try {
    context["prev"] = { result: await runStep(field, step, evaluate) };
    return false;
  } catch (error) {
    if (!(error instanceof EarlyReturn)) throw error;
    context["prev"] = { result: error.value };
    return error.skipTo === "END";
  }
}

async function askSource(
  { localAws, api }: FieldRequest,
  name: string,
  request: unknown,
): Promise<SourceReply> {
  const source = api.dataSources.get(name);
  if (!source) throw new Error(`no data source ${name}`);
  if (source.kind === "NONE") return { result: (request as Shape | null)?.["payload"] ?? null };
  return callTable(localAws, source, request);
}

function contextOf({ api, identity, request, source, args, info }: FieldRequest): Shape {
  const { fieldName, parentType, variableValues, fieldNodes } = info;
  const selected = fieldNodes.flatMap(({ selectionSet }) => (selectionSet ? [print(selectionSet)] : []));
  return {
    arguments: args,
    identity: identity.context,
    source: source ?? null,
    request: { headers: request.headers, domainName: null },
    info: {
      fieldName,
      parentTypeName: parentType.name,
      variables: variableValues,
      selectionSetGraphQL: selected.join("\n"),
    },
    env: api.environment,
  };
}
