/** Local AWS AppSync: GraphQL over HTTP, subscriptions over WebSocket, and mutations that the event bus calls. */
import { OperationTypeNode } from "graphql";
import {
  AwsError,
  type Caller,
  type LocalAws,
  type Operation,
  type Permission,
  type Service,
  type Shape,
} from "../local-aws.ts";
import type { HttpRequest, HttpResponse } from "../http-api/http-message.ts";
import type { ResourceTypes } from "../resource.ts";
import { graphqlResources, type GraphqlStore } from "./api-resources.ts";
import type { GraphqlApi } from "./apis.ts";
import { type GraphqlReply, type GraphqlRequest, type Mutated, prepare, run } from "./execution.ts";
import { RequestError } from "./graphql-error.ts";
import { answerHttp } from "./http.ts";
import { iamIdentity, type Identity } from "./identity.ts";
import { openConnection } from "./real-time/connection.ts";
import type { Connection, Handshake, Peer } from "./real-time/protocol.ts";
import { createSubscribers } from "./real-time/subscribers.ts";
import type { Served } from "./served.ts";

export type AppSyncOptions = Pick<GraphqlStore, "endpoint" | "jwksOf" | "trusts">;

export interface AppSync {
  readonly service: Service;
  readonly resources: ResourceTypes;
  /** A request to `/graphql`. */
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** A client that has dialled `/graphql/realtime`, whatever carries its messages. */
  connect(handshake: Handshake, peer: Peer): Connection;
}

export function createAppSync(localAws: LocalAws, options: AppSyncOptions): AppSync {
  const store: GraphqlStore = { ...options, localAws, apis: new Map() };
  const subscribers = createSubscribers(localAws);

  function served(api: GraphqlApi): Served {
    const { jwksOf } = options;
    return { localAws, api, jwksOf, answer: (request, identity) => answer(api, request, identity) };
  }

  async function answer(api: GraphqlApi, request: GraphqlRequest, identity: Identity): Promise<GraphqlReply> {
    const prepared = prepare(api, request);
    if (!("operation" in prepared)) return prepared;
    if (prepared.operation.operation === OperationTypeNode.SUBSCRIPTION) {
      throw new RequestError(
        400,
        "UnsupportedOperation",
        "Subscriptions are made through the real-time endpoint.",
      );
    }
    localAws.meter("appsync:operation", 1);
    const mutated: Mutated[] = [];
    const reply = await run(
      { localAws, api, identity, request, onMutated: (one) => void mutated.push(one) },
      prepared,
    );
    for (const one of mutated) await subscribers.publish(api, one);
    return reply;
  }

  function only(): GraphqlApi | undefined {
    const [api] = store.apis.values();
    return api;
  }

  return {
    service: { name: "appsync", operations: { GraphQL: graphqlOperation(store, answer) } },
    resources: graphqlResources(store),
    async handle(request) {
      const api = only();
      const startedMs = localAws.clock.now();
      const reply = await answerHttp(api && served(api), request);
      const { method, path } = request;
      const durationMs = localAws.clock.now() - startedMs;
      localAws.emit({ kind: "request", method, path, status: reply.status, durationMs });
      return reply;
    },
    connect(handshake, peer) {
      const api = only();
      return openConnection(api && served(api), subscribers, handshake, peer);
    },
  };
}

/** An operation that a service sends with its role: how a rule reaches its target. IAM is asked for each field. */
function graphqlOperation(
  { localAws, apis }: GraphqlStore,
  answer: (api: GraphqlApi, request: GraphqlRequest, identity: Identity) => Promise<GraphqlReply>,
): Operation {
  function apiOf(input: Shape): GraphqlApi {
    const api = [...apis.values()].find(({ endpointArn }) => endpointArn === input["endpointArn"]);
    if (api) return api;
    throw new AwsError("NotFoundException", `No GraphQL API at ${String(input["endpointArn"])}`, 404);
  }
  return {
    permissions: (input) => fieldsAskedFor(apiOf(input), input),
    waits: true,
    async run(input, { caller }) {
      const reply = await asAws(() => answer(apiOf(input), requestIn(input), identityOf(localAws, caller)));
      const [error] = reply.errors ?? [];
      if (error) throw new AwsError(codeOf(error.errorType), error.message);
      return { ...reply };
    },
  };
}

const requestIn = ({ query, variables }: Shape): GraphqlRequest => ({
  query: String(query),
  // The target's input, which is JSON.
  variables: variables as Record<string, unknown>,
  headers: {},
});

const identityOf = (localAws: LocalAws, caller: Caller): Identity => iamIdentity(localAws, caller);

/** The caller of a target knows no difference between a field that failed and a request that was refused. */
const codeOf = (errorType: string | null | undefined): string =>
  errorType === "Unauthorized" ? "AccessDeniedException" : (errorType ?? "ValidationException");

function fieldsAskedFor(api: GraphqlApi, input: Shape): Permission[] {
  const prepared = prepare(api, requestIn(input));
  if (!("operation" in prepared)) return [];
  const { operation, selectionSet } = prepared.operation;
  const type = api.schema?.getRootType(operation)?.name ?? "";
  return selectionSet.selections.flatMap((selection) =>
    selection.kind === "Field"
      ? [{ action: "appsync:GraphQL", resource: `${api.arn}/types/${type}/fields/${selection.name.value}` }]
      : [],
  );
}

async function asAws(work: () => Promise<GraphqlReply>): Promise<GraphqlReply> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestError) throw new AwsError(error.errorType, error.message, error.status);
    throw error;
  }
}
