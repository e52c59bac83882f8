/** People who use the GraphQL API of a whole stack, over HTTP and the real-time protocol, without sockets. */
import { signIn, signInWith, type Username } from "../../local/people.ts";
import type { Connection, ServerMessage } from "../../packages/local-aws/src/appsync/real-time/protocol.ts";
import { request, type World } from "../world.ts";

export interface GraphqlAnswer {
  readonly status: number;
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: readonly GraphqlProblem[];
}

/** The value of a field, which the API must have returned. */
export function answered<T>({ data, errors }: GraphqlAnswer, field: string): T {
  if (!data?.[field]) throw new Error(`no ${field}: ${JSON.stringify(errors)}`);
  return data[field] as T; // the type that the test's query selects
}

export interface GraphqlProblem {
  readonly message: string;
  readonly errorType?: string | null;
  readonly path?: readonly unknown[] | null;
}

export interface Asker {
  readonly accessToken: string;
  ask(query: string, variables?: Record<string, unknown>): Promise<GraphqlAnswer>;
  /** Connects to the real-time endpoint and waits for its acknowledgement. */
  dial(): Promise<Listener>;
}

export interface Listener {
  readonly messages: ServerMessage[];
  readonly connection: Connection;
  /** Undefined until the service closes the connection. */
  readonly closed: () => { code: number } | undefined;
  /** Starts a subscription, whose messages have this id. */
  start(id: string, query: string, variables?: Record<string, unknown>): Promise<void>;
  stop(id: string): Promise<void>;
  /** The updates of a subscription, oldest first. */
  updates(id: string): Record<string, unknown>[];
  /** The types of a subscription's messages: start_ack, data, error, complete. */
  types(id: string): string[];
}

/** A person who signs up now, because there are few ready-made people. */
export async function newcomer({ runtime }: World, username: string): Promise<{ token: string }> {
  const password = "Newcomer-comes-1";
  await runtime.cognito.createConfirmedUser({ username, password, email: `${username}@example.com` });
  return { token: await signInWith(runtime, username, password) };
}

export async function asker(world: World, who: Username | { token: string }): Promise<Asker> {
  const accessToken = typeof who === "string" ? await signIn(world.runtime, who) : who.token;
  return {
    accessToken,
    ask: (query, variables) => post(world, accessToken, JSON.stringify({ query, variables })),
    async dial() {
      const listener = dialled(world, accessToken);
      await listener.connection.receive(JSON.stringify({ type: "connection_init" }));
      return listener;
    },
  };
}

export async function post(world: World, token: string | undefined, body: string): Promise<GraphqlAnswer> {
  const { status, body: reply } = await request(world.runtime, token, body, { path: "/graphql" });
  const { data, errors } = reply as Partial<GraphqlAnswer>;
  return { status, data, errors: errors ?? [] };
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

/** A connection, opened like a client without subprotocol headers, before its first message. */
export function dialled(world: World, accessToken: string, protocols = ["graphql-ws"]): Listener {
  const messages: ServerMessage[] = [];
  let closed: { code: number } | undefined;
  const authorization = { host: "127.0.0.1:4000", Authorization: accessToken };
  const connection = world.runtime.appsync.connect(
    {
      query: `header=${encodeURIComponent(base64(authorization))}&payload=e30=`,
      protocols,
      sourceIp: "127.0.0.1",
    },
    { send: (message) => void messages.push(message), close: (code) => void (closed = { code }) },
  );
  const of = (id: string) => messages.filter((message) => "id" in message && message.id === id);
  return {
    messages,
    connection,
    closed: () => closed,
    start(id, query, variables = {}) {
      const data = JSON.stringify({ query, variables });
      return connection.receive(
        JSON.stringify({ id, type: "start", payload: { data, extensions: { authorization } } }),
      );
    },
    stop: (id) => connection.receive(JSON.stringify({ id, type: "stop" })),
    updates: (id) =>
      of(id).flatMap((message) =>
        message.type === "data" ? [(message.payload as { data: Record<string, unknown> }).data] : [],
      ),
    types: (id) => of(id).map(({ type }) => type),
  };
}

const PERSON_FIELDS = "id firstName lastName clientId createdAt updatedAt __typename";
export const CREATE_PERSON = `mutation CreatePerson($input: CreatePersonInput!, $condition: ModelPersonConditionInput) {
  createPerson(input: $input, condition: $condition) { ${PERSON_FIELDS} }
}`;
export const UPDATE_PERSON = `mutation UpdatePerson($input: UpdatePersonInput!, $condition: ModelPersonConditionInput) {
  updatePerson(input: $input, condition: $condition) { ${PERSON_FIELDS} }
}`;
export const DELETE_PERSON = `mutation DeletePerson($input: DeletePersonInput!, $condition: ModelPersonConditionInput) {
  deletePerson(input: $input, condition: $condition) { ${PERSON_FIELDS} }
}`;
export const GET_PERSON = `query GetPerson($id: ID!) { getPerson(id: $id) { ${PERSON_FIELDS} } }`;
export const LIST_PEOPLE = `query ListPeople($filter: ModelPersonFilterInput, $limit: Int, $nextToken: String) {
  listPeople(filter: $filter, limit: $limit, nextToken: $nextToken) {
    items { ${PERSON_FIELDS} } nextToken __typename
  }
}`;
