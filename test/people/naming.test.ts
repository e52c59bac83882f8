/** The rule for names at the GraphQL API, and in what a phone shows while it rings. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { NAME_EXPECTED } from "../../people/name-rule.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import {
  answered,
  type Asker,
  asker,
  CREATE_PERSON,
  GET_PERSON,
  type GraphqlAnswer,
  UPDATE_PERSON,
} from "./graphql-world.ts";
import { NAMES, NO_NAMES } from "./some-names.ts";

let world: World;
let alice: Asker;
let alicesPhone: Phone;
let bobsPhone: Phone;

openForAll(startWorld, async (opened) => {
  world = opened;
  [alice, alicesPhone] = [await asker(world, "alice"), await world.phone("alice")];
  bobsPhone = await world.phone("bob");
  const input = { id: "alice", firstName: "Alice", lastName: "Adams", clientId: alicesPhone.clientId };
  answered(await alice.ask(CREATE_PERSON, { input }), "createPerson");
});

const update = (names: object): Promise<GraphqlAnswer> =>
  alice.ask(UPDATE_PERSON, { input: { id: "alice", ...names } });
const stored = async () => answered(await alice.ask(GET_PERSON, { id: "alice" }), "getPerson");

describe("the API", () => {
  test.each(NO_NAMES)("refuses %s, and names the field and the rule", async (_what, name) => {
    const before = await stored();
    const refusal = (field: string) => [
      { errorType: "ValidationError", message: `${field} ${NAME_EXPECTED}` },
    ];
    const created = await alice.ask(CREATE_PERSON, { input: { firstName: name, lastName: "Adams" } });
    expect(created.errors).toMatchObject(refusal("firstName"));
    expect((await update({ firstName: "Alice", lastName: name })).errors).toMatchObject(refusal("lastName"));
    expect(await stored()).toEqual(before);
  });

  test.each(NAMES)("accepts %s", async (name) => {
    expect((await update({ firstName: name })).errors).toEqual([]);
    expect(await stored()).toMatchObject({ firstName: name.normalize("NFC") });
  });

  test("stores a name in the composed form without spaces around it, and finds it in any form", async () => {
    await update({ firstName: "  Ame\u0301lie ", lastName: "Adams" });
    expect(await stored()).toMatchObject({ firstName: "Am\u00E9lie", lastName: "Adams" });
    const found = await alice.ask(`{ searchPeople(name: "ame\u0301") { items { firstName } } }`);
    expect(answered(found, "searchPeople")).toEqual({ items: [{ firstName: "Am\u00E9lie" }] });
  });
});

describe("a phone that rings", () => {
  const PEOPLE = () => world.runtime.physicalId("PeopleTable");

  async function rename(firstName: string, lastName: string): Promise<void> {
    const Key = { id: { S: "alice" } };
    await world.aws("dynamodb", "UpdateItem", {
      TableName: PEOPLE(),
      Key,
      UpdateExpression: "SET firstName = :first, lastName = :last",
      ExpressionAttributeValues: { ":first": { S: firstName }, ":last": { S: lastName } },
    });
  }

  async function call(): Promise<{ readonly callId: string; readonly name: string | undefined }> {
    const { clientId: callerId } = alicesPhone;
    const heard = bobsPhone.messages().length;
    const { body } = await alicesPhone.send({
      action: "initiateCall",
      callerId,
      calleeId: bobsPhone.clientId,
    });
    await world.clock.until(async () => bobsPhone.messages().length > heard);
    const name = bobsPhone.messages()[heard]?.data["caller_name"];
    await alicesPhone.send({ action: "endCall", clientId: callerId, callId: body["callId"] });
    await world.ended(String(body["callId"]));
    return { callId: String(body["callId"]), name };
  }

  test.each([
    ["Mom\u2028Your bank calls\r\n", "\u202Ekcans", "Mom Your bank calls kcans"],
    ["Mo\u200Bm", "\u2066Bank\u2069", "Mom Bank"],
    ["x".repeat(80), "Adams", `${"x".repeat(64)} Adams`],
    ["\u3164", "\u200D", "alice"],
  ])("shows %j %j, stored before the rule, as %j", async (firstName, lastName, shown) => {
    await rename(firstName, lastName);
    expect((await call()).name).toBe(shown);
  });

  test("gets a name that is in no log, event or workflow history, and not in the call once it is over", async () => {
    await rename("Philippa", "Unmistakable");
    const since = world.happened.length;
    const { callId, name } = await call();
    expect(name).toBe("Philippa Unmistakable");
    const told = world.happened.slice(since).filter(({ kind }) => kind === "log" || kind === "event");
    const executionArn = `${world.runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
    const { events } = await world.aws("states", "GetExecutionHistory", { executionArn, maxResults: 1000 });
    const kept = JSON.stringify([told, events, await world.item(callId)]);
    expect(kept).toContain(callId);
    expect(kept).not.toContain("Unmistakable");
  });
});
