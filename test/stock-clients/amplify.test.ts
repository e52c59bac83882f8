/** The stock Amplify client against the GraphQL API of a whole stack, over TLS as it insists. */
import "../stack-sources.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { Amplify } from "aws-amplify";
import { generateClient } from "aws-amplify/api";
import { Hub } from "aws-amplify/utils";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { createPeople, signIn } from "../../local/people.ts";
import { type Runtime, startRuntime } from "../../packages/local-aws/src/runtime.ts";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { certificateIn } from "../../packages/local-aws/src/tls-certificate.ts";
import { CREATE_PERSON, DELETE_PERSON, LIST_PEOPLE, UPDATE_PERSON } from "../people/graphql-world.ts";

let runtime: Runtime;
let servers: Servers;
let accessToken: string;

/** What a process does that trusts the certificate. */
const trusted = getCACertificates("default");
const directory = mkdtempSync(join(tmpdir(), "ringmaster-amplify-"));

beforeAll(async () => {
  runtime = await startRuntime({ assembly: inject("assembly") });
  await createPeople(runtime);
  const certificate = await certificateIn(directory, Date.now());
  servers = await listen(runtime, { port: 0, awsPort: 0, tls: { port: 0, certificate } });
  setDefaultCACertificates([...trusted, certificate.cert]);
  accessToken = await signIn(runtime, "alice");
  const { UserPoolId: userPoolId = "", UserPoolClientId: userPoolClientId = "" } = runtime.outputs;
  const endpoint = `https://localhost:${servers.tlsPort}/graphql`;
  Amplify.configure(
    {
      Auth: { Cognito: { userPoolId, userPoolClientId } },
      API: { GraphQL: { endpoint, region: "us-east-1", defaultAuthMode: "userPool" } },
    },
    { Auth: { tokenProvider: { getTokens: async () => ({ accessToken: jwt(accessToken) }) } } },
  );
});
afterAll(async () => {
  setDefaultCACertificates(trusted);
  rmSync(directory, { recursive: true });
  await servers.close();
  runtime.stop();
});

const jwt = (text: string) => ({ toString: () => text, payload: decodeJwt(text) as Record<string, string> });

const client = generateClient();
/** One operation, as an app sends what Amplify has generated for it. */
async function graphql(query: string, variables: Record<string, unknown> = {}) {
  const reply = await client.graphql({ query, variables });
  if (!("data" in reply)) throw new Error("not a query or a mutation");
  return reply.data as Record<string, Record<string, unknown>>; // what the query asked for
}

test("people are created, changed, listed and deleted", async () => {
  const { createPerson } = await graphql(CREATE_PERSON, { input: { firstName: "Alice", lastName: "Adams" } });
  const id = createPerson?.["id"];
  const again = await graphql(CREATE_PERSON, { input: { firstName: "Alice", lastName: "Adams" } });
  expect(again["createPerson"]).toMatchObject({ id });
  await graphql(UPDATE_PERSON, { input: { id, lastName: "Abel" } });
  const { listPeople } = await graphql(LIST_PEOPLE, { filter: { firstName: { beginsWith: "Al" } } });
  expect(listPeople).toMatchObject({
    items: [{ id, firstName: "Alice", lastName: "Abel" }],
    nextToken: null,
  });
  await graphql(DELETE_PERSON, { input: { id } });
  expect((await graphql(LIST_PEOPLE))["listPeople"]).toMatchObject({ items: [] });
});

test("a refusal arrives as Amplify's errors, with AppSync's type", async () => {
  const refused = graphql(UPDATE_PERSON, { input: { id: "nobody", lastName: "Abel" } });
  await expect(refused).rejects.toMatchObject({
    data: { updatePerson: null },
    errors: [{ errorType: "DynamoDB:ConditionalCheckFailedException", path: ["updatePerson"] }],
  });
});

/** Amplify tells its app through its hub when the service has acknowledged a subscription. */
const acknowledged = (): Promise<void> =>
  new Promise((resolve) => {
    const stop = Hub.listen("api", ({ payload }) => {
      if (payload.event !== CONNECTION_ACKNOWLEDGED) return;
      stop();
      resolve();
    });
  });
const CONNECTION_ACKNOWLEDGED = "Subscription ack";

test("a subscription hears of a person who is created", async () => {
  const query = "subscription OnCreatePerson { onCreatePerson { id firstName lastName } }";
  const subscribed = client.graphql({ query });
  if (!("subscribe" in subscribed)) throw new Error("not a subscription");
  const ready = acknowledged();
  const heard = new Promise<unknown>((resolve, reject) => {
    const subscription = subscribed.subscribe({
      next({ data }) {
        resolve(data);
        subscription.unsubscribe();
      },
      error: reject,
    });
  });
  await Promise.race([ready, heard]);
  await graphql(CREATE_PERSON, { input: { id: "bea", firstName: "Bea", lastName: "Brown" } });
  expect(await heard).toEqual({ onCreatePerson: { id: "bea", firstName: "Bea", lastName: "Brown" } });
});

test("a plain HTTP request and a plain WebSocket do what Amplify does", async () => {
  const api = `127.0.0.1:${servers.port}/graphql`;
  const bobs = await signIn(runtime, "bob");
  const headers = { authorization: bobs, "content-type": "application/json" };
  const sign = { host: `127.0.0.1:${servers.port}`, Authorization: bobs };
  const header = Buffer.from(JSON.stringify(sign)).toString("base64url");
  const socket = new WebSocket(`ws://${api}/realtime`, ["graphql-ws", `header-${header}`]);
  const heard: { readonly type: string; readonly payload?: unknown }[] = [];
  socket.addEventListener("message", ({ data }) => void heard.push(JSON.parse(String(data))));
  const until = (type: string) =>
    vi.waitFor(() => expect(heard.map((one) => one.type)).toContain(type), 5_000);
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  socket.send(JSON.stringify({ type: "connection_init" }));
  await until("connection_ack");
  const data = JSON.stringify({ query: "subscription { onCreatePerson { id firstName } }" });
  const payload = { data, extensions: { authorization: sign } };
  socket.send(JSON.stringify({ id: "people", type: "start", payload }));
  await until("start_ack");
  const variables = { input: { id: "cleo", firstName: "Cleo", lastName: "Clark" } };
  const body = JSON.stringify({ query: CREATE_PERSON, variables });
  const reply = await fetch(`http://${api}`, { method: "POST", headers, body });
  expect(await reply.json()).toMatchObject({ data: { createPerson: { id: "cleo" } } });
  await until("data");
  expect(heard.find(({ type }) => type === "data")?.payload).toEqual({
    data: { onCreatePerson: { id: "cleo", firstName: "Cleo" } },
  });
  socket.close();
});
