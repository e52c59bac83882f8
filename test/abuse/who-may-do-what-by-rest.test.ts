/** Every REST action × everybody who could send it, in both spellings: the table in rest-matrix.ts says what comes of it. */
import { describe, expect, test } from "vitest";
import { type Action, commands } from "../../api/commands.ts";
import { openForAll } from "../opened.ts";
import { startWorld, type World } from "../world.ts";
import { badTokens, TOKEN_FAULTS } from "./bad-tokens.ts";
import { OWN_ALONE, REST_MATRIX, type Row } from "./rest-matrix.ts";
import { actorOf, openScene, PEOPLE, refuseAll, type Scene, type Who } from "./scene.ts";
import { type Answer, commandOf, sent, spelled, type Spelling, SPELLINGS } from "./spellings.ts";
import { writesSince } from "./writes.ts";

let world: World;
/** Of all requests that change nothing. */
let shared: Scene;
/** Alice and Bob were signed out by an operator. */
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

const outcomeOf = ({ status, body }: Answer): string => (status < 300 ? "done" : String(body["code"]));

const spellingsOf = ({ only }: Row): readonly Spelling[] => (only ? [only] : SPELLINGS);

interface Cell {
  readonly action: Action;
  readonly row: Row;
  readonly who: Who;
}

async function ask({ action, row, who }: Cell, scene: Scene, spelling: Spelling): Promise<Answer> {
  const owner = scene[row.owner];
  const actor = actorOf(who, scene, owner);
  const input = row.input({ scene, owner, actor });
  return sent(world, actor.accessToken, spelled(spelling, action, input));
}

/** What is counted before anything is looked up: a refused request costs as much. */
const COUNTED: Partial<Record<Action, readonly string[]>> = { deleteClientIds: ["dynamodb:UpdateItem"] };

/** Of both spellings, which must agree. What is allowed and changes something has a scene to itself, and is asked by its route. */
async function outcome(cell: Cell): Promise<string> {
  const { action, row, who } = cell;
  if (row.outcomes[who] === "done" && commandOf(action).route.method === "POST") {
    // Meanwhile the pool of stages grows.
    await world.clock.advance(500);
    return outcomeOf(await ask(cell, await openScene(world), row.only ?? "route"));
  }
  const from = world.happened.length;
  const answers: Answer[] = [];
  for (const spelling of spellingsOf(row)) answers.push(await ask(cell, shared, spelling));
  const outcomes = new Set(answers.map(outcomeOf));
  return [...outcomes, ...faultsOf(cell, answers, from)].join(", ");
}

/** A refusal that has written something, or a reply that shows a client of somebody else. */
function faultsOf({ action, row, who }: Cell, answers: readonly Answer[], from: number): string[] {
  if (row.outcomes[who] !== "done") {
    const expected = COUNTED[action] ?? [];
    return row.recorded ? [] : writesSince(world, from).filter((write) => !expected.includes(write));
  }
  const { clientId } = shared[row.owner];
  const shows =
    OWN_ALONE.has(action) && who !== "owner" && answers.some(({ text }) => text.includes(clientId));
  return shows ? ["shows the owner's client"] : [];
}

const rows = commands.flatMap(({ action }) =>
  REST_MATRIX[action].map((row) => ({ action, row, title: row.of ? `${action} ${row.of}` : action })),
);

describe.each(rows)("$title", ({ action, row }) => {
  test("is done for the people of the table, and refused to all others before anything is written", async () => {
    const outcomes: [Who, string][] = [];
    for (const who of PEOPLE) outcomes.push([who, await outcome({ action, row, who })]);
    expect(Object.fromEntries(outcomes)).toEqual(row.outcomes);
  });

  test("is refused to its owner whom an operator has signed out", async () => {
    const from = world.happened.length;
    for (const spelling of spellingsOf(row)) {
      const { status, body } = await ask({ action, row, who: "owner" }, signedOut, spelling);
      expect([status, [row.outcomes.owner, "signed_out"]]).toEqual([
        403,
        expect.arrayContaining([body["code"]]),
      ]);
    }
    expect(writesSince(world, from)).toEqual([]);
  });
});

describe.each(commands.map(({ action }) => action))(
  "%s by a token that is no access token of the app",
  (action) => {
    const [row] = REST_MATRIX[action];

    test.each(TOKEN_FAULTS)("(%s) stops at the gateway", async (fault) => {
      const owner = shared[row.owner];
      const input = row.input({ scene: shared, owner, actor: owner });
      const from = world.happened.length;
      for (const spelling of SPELLINGS) {
        const { status, body } = await sent(world, bad[fault], spelled(spelling, action, input));
        const refused = fault === "ID token" ? [403, "Forbidden"] : [401, "Unauthorized"];
        expect([status, body["message"]]).toEqual(refused);
      }
      expect(new Set(world.happened.slice(from).map(({ kind }) => kind))).toEqual(new Set(["request"]));
    });
  },
);

test("what reached Alice's phone is of the busy calls, and none is of Dave, whom she blocks", async () => {
  await world.clock.advance(2_000);
  const messages = shared.alice.messages().map(({ data }) => JSON.stringify(data));
  expect(messages).not.toEqual([]);
  expect(messages.filter((message) => message.includes(shared.dave.clientId))).toEqual([]);
});
