/**
 * Operations made from the GraphQL schema, with odd values in their places: each is answered or refused for what is wrong with it,
 * never by a failure inside, and one that is refused has written nothing.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { dialled, type GraphqlProblem, post } from "../people/graphql-world.ts";
import { startWorld, type World } from "../world.ts";
import { trying } from "./fuzzing.ts";
import { variablesFor } from "./graphql-values.ts";
import { oddJson, oddText } from "./odd-json.ts";
import { documentOf, operationNames } from "./operations.ts";
import { openScene, type Scene } from "./scene.ts";
import { contentsOf } from "./tables.ts";
import { writesSince } from "./writes.ts";

let world: World;
let scene: Scene;
let texts: Readonly<Record<string, readonly string[]>>;

openForAll(
  () => startWorld({ quotas: false }),
  async (opened) => {
    world = opened;
    scene = await openScene(world);
    const { alice, bob, callId, personIds } = scene;
    const clients = [alice.clientId, bob.clientId.toUpperCase(), UNKNOWN];
    texts = {
      id: [...Object.values(personIds), UNKNOWN],
      ids: clients,
      clientId: clients,
      callId: [callId, UNKNOWN],
      nextToken: ["e30=", "bnVsbA==", "eyJ2ZXJzaW9uIjozfQ=="],
    };
  },
);

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** What AppSync calls a failure of its own, of a resolver or of its source. */
const FAILED_INSIDE =
  /Internal|RuntimeError|Template|TypeError|Code|Lambda|DynamoDB:(?!ConditionalCheckFailed)/i;
/** DynamoDB itself judges expressions and pages, and its words name what is wrong. */
const JUDGED = /FilterExpression|ConditionExpression|ExpressionAttribute|BETWEEN|starting key|[Pp]agination/;
/** A page's token that is no key at all. */
const NO_KEY = /Unexpected value type in payload/;

const isInside = ({ errorType, message }: GraphqlProblem): boolean =>
  FAILED_INSIDE.test(errorType ?? "") && !JUDGED.test(message) && !NO_KEY.test(message);

async function faultsOf(query: string, variables: string): Promise<string[]> {
  const from = world.happened.length;
  const body = `{"query":${JSON.stringify(query)},"variables":${variables}}`;
  const { status, errors } = await post(world, scene.alice.accessToken, body);
  return [
    ...(status >= 500 ? [`status ${status}`] : []),
    ...errors.filter(isInside).map(({ errorType, message }) => `${errorType}: ${message}`),
    ...(errors.length > 0 ? writesSince(world, from) : []),
  ];
}

const asked = operationNames.filter((name) => !name.startsWith("Subscription."));

describe.each(asked)("%s", (name) => {
  test("is answered, or refused for what is wrong with its variables", async () => {
    const property = fc.asyncProperty(
      variablesFor(name, (of) => texts[of] ?? []),
      async (variables) => {
        expect(await faultsOf(documentOf(name), variables)).toEqual([]);
      },
    );
    await fc.assert(property, trying(20));
  });
});

test("documents that are cut, doubled or spoiled are refused, and the tables stay as they are", async () => {
  const before = await contentsOf(world);
  const documents = fc.constantFrom(...asked.map(documentOf));
  const spoiled = fc
    .tuple(documents, fc.nat(200), oddText)
    .map(([text, at, odd]) => `${text.slice(0, at)}${odd}${text.slice(at)}`);
  const cut = fc.tuple(documents, fc.nat(200)).map(([text, at]) => text.slice(0, at));
  const property = fc.asyncProperty(fc.oneof(spoiled, cut), oddJson, async (document, variables) => {
    expect(await faultsOf(document, variables)).toEqual([]);
  });
  await fc.assert(property, trying(60));
  expect(await contentsOf(world)).toEqual(before);
});

test("a connection for subscriptions takes any message, and starts none that it should not", async () => {
  const types = fc.constantFrom('"start"', '"stop"', '"connection_init"', '"data"', '"__proto__"');
  const messages = fc.oneof(
    oddJson,
    oddText,
    fc
      .tuple(fc.oneof(types, oddJson), oddJson, oddJson)
      .map(([type, id, payload]) => `{"type":${type},"id":${id},"payload":${payload}}`),
    oddJson.map(
      (data) => `{"type":"start","id":"1","payload":{"data":${data},"extensions":{"authorization":${data}}}}`,
    ),
  );
  const property = fc.asyncProperty(messages, async (message) => {
    const listener = dialled(world, scene.alice.accessToken);
    await listener.connection.receive(message);
    listener.connection.closed();
    expect(listener.messages.map(({ type }) => type)).not.toContain("start_ack");
  });
  await fc.assert(property, trying(60));
});
