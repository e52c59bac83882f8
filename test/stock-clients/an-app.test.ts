/** What an app does from sign-up to the end of a call, with the stock Amplify client and fetch, over real sockets. */
import "../stack-sources.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { Amplify } from "aws-amplify";
import { generateClient } from "aws-amplify/api";
import { confirmSignUp, fetchAuthSession, signIn, signOut, signUp } from "aws-amplify/auth";
import { Hub } from "aws-amplify/utils";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { type Runtime, startRuntime } from "../../packages/local-aws/src/runtime.ts";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { certificateIn } from "../../packages/local-aws/src/tls-certificate.ts";
import { CREATE_PERSON, LIST_PEOPLE, UPDATE_PERSON } from "../people/graphql-world.ts";

const trusted = getCACertificates("default");
const directory = mkdtempSync(join(tmpdir(), "ringmaster-app-"));
let runtime: Runtime;
let servers: Servers;

beforeAll(async () => {
  // Amplify warns of every address that is not AWS's own.
  vi.spyOn(console, "warn").mockReturnValue();
  runtime = await startRuntime({ assembly: inject("assembly") });
  const certificate = await certificateIn(directory, Date.now());
  servers = await listen(runtime, { port: 0, awsPort: 0, tls: { port: 0, certificate } });
  setDefaultCACertificates([...trusted, certificate.cert]);
  const { UserPoolId: userPoolId = "", UserPoolClientId: userPoolClientId = "" } = runtime.outputs;
  const userPoolEndpoint = `http://127.0.0.1:${servers.awsPort}`;
  const endpoint = `https://localhost:${servers.tlsPort}/graphql`;
  Amplify.configure({
    Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint } },
    API: { GraphQL: { endpoint, region: "us-east-1", defaultAuthMode: "userPool" } },
  });
});
afterAll(async () => {
  // The next file of this worker has the same Amplify.
  await signOut();
  setDefaultCACertificates(trusted);
  rmSync(directory, { recursive: true });
  await servers.close();
  runtime.stop();
  vi.restoreAllMocks();
});

const password = "Ring ring 1!";

interface App {
  readonly username: string;
  readonly accessToken: string;
  readonly clientId: string;
}

/** Signs up, confirms the e-mail, signs in by SRP, registers its phone, and leaves Amplify to the next. */
async function newApp(username: string): Promise<App> {
  const userAttributes = { email: `${username}@example.com` };
  await signUp({ username, password, options: { userAttributes } });
  const mail = runtime.cognito.mailOf(username).at(-1)?.text ?? "";
  await confirmSignUp({ username, confirmationCode: /\d{6}/.exec(mail)?.[0] ?? "" });
  await signIn({ username, password });
  const accessToken = String((await fetchAuthSession()).tokens?.accessToken);
  await signOut();
  const phone = { action: "register", notifyType: "GCM", deviceToken: `${username}s-phone` };
  const { id } = await rest(accessToken, phone);
  return { username, accessToken, clientId: String(id) };
}

async function rest(accessToken: string, body: object): Promise<Record<string, unknown>> {
  const reply = await fetch(`https://localhost:${servers.tlsPort}/`, {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(reply.status).toBe(200);
  return (await reply.json()) as Record<string, unknown>;
}

const client = generateClient();
type Answer = Record<string, Record<string, unknown>>;

async function graphql(
  { accessToken: authToken }: App,
  query: string,
  variables: object = {},
): Promise<Answer> {
  const reply = await client.graphql({ query, variables, authToken });
  if (!("data" in reply)) throw new Error("not a query or a mutation");
  return reply.data as Answer;
}

/**
 * What a subscription hears, once the service has acknowledged it. Amplify subscribes as whoever is signed in then, one
 * person at a time; what has been subscribed to stays.
 */
async function subscribed({ username }: App, query: string, variables = {}): Promise<Answer[]> {
  const heard: Answer[] = [];
  await signOut();
  await signIn({ username, password });
  const made = client.graphql({ query, variables });
  if (!("subscribe" in made)) throw new Error("not a subscription");
  await new Promise<void>((resolve, reject) => {
    const stop = Hub.listen("api", ({ payload }) => {
      if (payload.event !== "Subscription ack") return;
      stop();
      resolve();
    });
    made.subscribe({ next: ({ data }) => void heard.push(data as Answer), error: reject });
  });
  return heard;
}

const ON_CALL = `subscription OnCallUpdated($clientId: ID!) {
  onCallUpdated(clientId: $clientId) { callId version status endReason otherClientId }
}`;
const ON_PERSON = "subscription OnCreatePerson { onCreatePerson { id firstName } }";

/** The states that a phone shows: repeats and late arrivals are dropped by version. */
function shown(heard: readonly Answer[]): unknown[] {
  const updates = heard.flatMap(({ onCallUpdated }) => (onCallUpdated ? [onCallUpdated] : []));
  const fresh = updates.filter(({ version }, at) =>
    updates.slice(0, at).every((before) => Number(before["version"]) < Number(version)),
  );
  return [...new Set(fresh.map(({ status }) => status))];
}

test("two newcomers find each other, and follow their call live from ringing to its end", async () => {
  const [alice, bob] = [await newApp("alicia"), await newApp("robert")];
  const people = await subscribed(alice, ON_PERSON);
  const input = { firstName: "Robert", lastName: "Brown", clientId: bob.clientId };
  const { createPerson } = await graphql(bob, CREATE_PERSON, { input });
  await graphql(bob, UPDATE_PERSON, { input: { id: createPerson?.["id"], firstName: "Bob" } });
  await graphql(alice, CREATE_PERSON, { input: { firstName: "Alicia", lastName: "Adams" } });
  const found = await graphql(alice, LIST_PEOPLE, { filter: { firstName: { eq: "Bob" } } });
  expect(found["listPeople"]).toMatchObject({ items: [{ clientId: bob.clientId }] });
  const page = await graphql(alice, LIST_PEOPLE, { limit: 1 });
  expect(page["listPeople"]).toMatchObject({ items: [{}], nextToken: expect.any(String) });

  const [onAlice, onBob] = [
    await subscribed(alice, ON_CALL, { clientId: alice.clientId }),
    await subscribed(bob, ON_CALL, { clientId: bob.clientId }),
  ];
  const [callerId, calleeId] = [alice.clientId, bob.clientId];
  const { callId } = await rest(alice.accessToken, { action: "initiateCall", callerId, calleeId });
  await vi.waitFor(() => expect(shown(onBob)).toEqual(["calling"]), 5_000);
  await rest(bob.accessToken, { action: "ackRinging", callId });
  await vi.waitFor(() => expect(shown(onAlice)).toEqual(["calling", "ringing"]), 5_000);
  await rest(bob.accessToken, { action: "answerCall", callId });
  await rest(alice.accessToken, { action: "endCall", clientId: callerId, callId });
  const whole = ["calling", "ringing", "answered", "ended"];
  await vi.waitFor(() => expect([shown(onAlice), shown(onBob)]).toEqual([whole, whole]), 10_000);
  expect(onBob.at(-1)?.["onCallUpdated"]).toMatchObject({ endReason: "completed", otherClientId: callerId });
  expect(people.map(({ onCreatePerson }) => onCreatePerson?.["firstName"])).toEqual(["Robert", "Alicia"]);
});
