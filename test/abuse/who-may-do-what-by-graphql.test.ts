/** Every field and subscription of GraphQL × everybody who could ask: the table in graphql-matrix.ts says what comes of it. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { dialled, type GraphqlAnswer, post } from "../people/graphql-world.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import { badTokens, TOKEN_FAULTS } from "./bad-tokens.ts";
import { GRAPHQL_MATRIX, type Row } from "./graphql-matrix.ts";
import { documentOf, operationNames } from "./operations.ts";
import { actorOf, openScene, PEOPLE, refuseAll, type Scene, type Who } from "./scene.ts";
import { writesSince } from "./writes.ts";

let world: World;
let shared: Scene;
let signedOut: Scene;
let bad: Awaited<ReturnType<typeof badTokens>>;

openForAll(
  () => startWorld({ quotas: false }),
  async (opened) => {
    world = opened;
    shared = await openScene(world);
    signedOut = await openScene(world);
    for (const one of [signedOut.alice, signedOut.bob]) await refuseAll(world, one);
    bad = await badTokens(world, shared.bob.accessToken);
  },
);

type Problem = Readonly<{ errorType?: string | null | undefined; message?: string }>;

/** A subscription by a connection of its own, whose credentials are those of the subscription. */
async function subscribes(token: string, query: string, variables: object): Promise<string> {
  const { messages, connection } = dialled(world, token);
  const authorization = { host: "127.0.0.1:4000", Authorization: token };
  const payload = { data: JSON.stringify({ query, variables }), extensions: { authorization } };
  await connection.receive(JSON.stringify({ id: "asked", type: "start", payload }));
  connection.closed();
  const refused = messages.find(({ type }) => type === "error" || type === "connection_error");
  if (!refused) return messages.some(({ type }) => type === "start_ack") ? "done" : "silence";
  return typeOf((refused as { payload: { errors: readonly Problem[] } }).payload.errors);
}

const typeOf = ([first]: readonly Problem[]): string => first?.errorType ?? first?.message ?? "no error";

function outcomeOf(field: string, { data, errors }: GraphqlAnswer): string {
  if (errors.length > 0) return typeOf(errors);
  return data?.[field] === null ? "null" : "done";
}

async function ask(name: string, row: Row, scene: Scene, token: string | undefined): Promise<string> {
  const [root, field = ""] = name.split(".");
  const [query, variables] = [documentOf(name), row.args({ scene, owner: scene[row.owner] })];
  if (root === "Subscription") return subscribes(token ?? "", query, variables);
  return outcomeOf(field, await post(world, token, JSON.stringify({ query, variables })));
}

async function outcome(name: string, row: Row, who: Who): Promise<string> {
  const isDone = row.outcomes[who] === "done";
  const scene = row.alone && isDone ? await openScene(world) : shared;
  const actor: Phone = actorOf(who, scene, scene[row.owner]);
  const from = world.happened.length;
  const got = await ask(name, row, scene, actor.accessToken);
  return [got, ...(isDone ? [] : writesSince(world, from))].join(", ");
}

test("the table has every field and every subscription of the schema", () => {
  expect(Object.keys(GRAPHQL_MATRIX).toSorted()).toEqual(operationNames.toSorted());
});

describe.each(Object.entries(GRAPHQL_MATRIX))("%s", (name, row) => {
  test("is done for the people of the table, and refused to all others before anything is written", async () => {
    const outcomes: [Who, string][] = [];
    for (const who of PEOPLE) outcomes.push([who, await outcome(name, row, who)]);
    expect(Object.fromEntries(outcomes)).toEqual(row.outcomes);
  });

  test("is refused to its owner whom an operator has signed out", async () => {
    const from = world.happened.length;
    const refused = row.outcomes.owner === "Unauthorized" ? "Unauthorized" : "SignedOut";
    expect(await ask(name, row, signedOut, signedOut[row.owner].accessToken)).toBe(refused);
    expect(writesSince(world, from)).toEqual([]);
  });

  // AppSync takes ID tokens of the app as well. They say who somebody is, and open no more than the access token.
  test.each(TOKEN_FAULTS.filter((fault) => fault !== "ID token"))("stops at AppSync (%s)", async (fault) => {
    const from = world.happened.length;
    expect(await ask(name, row, shared, bad[fault])).toBe("UnauthorizedException");
    expect(world.happened.slice(from).filter(({ kind }) => kind === "aws-call")).toEqual([]);
  });

  test("comes to the same by the ID token of its owner", async () => {
    const scene = row.alone ? await openScene(world) : shared;
    const tokens = await badTokens(world, scene[row.owner].accessToken);
    expect(await ask(name, row, scene, tokens["ID token"])).toBe(row.outcomes.owner);
  });
});
