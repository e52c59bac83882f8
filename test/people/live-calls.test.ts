/** A call as each side sees it, live and afterwards, and who may see it. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { startWorld, type Phone, type World } from "../world.ts";
import { answered, type Asker, asker, type Listener } from "./graphql-world.ts";

let world: World;
let alicesPhone: Phone;
let bobsPhone: Phone;
let alice: Asker;
let bob: Asker;

openForAll(startWorld, async (opened) => {
  world = opened;
  [alicesPhone, bobsPhone] = [await world.phone("alice"), await world.phone("bob")];
  [alice, bob] = [await asker(world, "alice"), await asker(world, "bob")];
});

const CALL_FIELDS =
  "callId clientId version status endReason role legStatus otherClientId media createdAtMs ringUntilMs answeredAtMs endedAtMs serverNowMs";
const ON_CALL_UPDATED = `subscription OnCallUpdated($clientId: ID!) {
  onCallUpdated(clientId: $clientId) { ${CALL_FIELDS} }
}`;
const GET_CALL = `query GetCall($callId: ID!, $clientId: ID) {
  getCall(callId: $callId, clientId: $clientId) { ${CALL_FIELDS} }
}`;
const LIST_CALLS = `query ListCalls($clientId: ID!, $limit: Int, $nextToken: String) {
  listCalls(clientId: $clientId, limit: $limit, nextToken: $nextToken) { items { ${CALL_FIELDS} } nextToken }
}`;

interface SeenCall {
  readonly version: number;
  readonly status: string;
  readonly [field: string]: unknown;
}

/** The updates that a phone keeps: newer versions than it has seen. */
function seenBy(listener: Listener): SeenCall[] {
  const updates = listener.updates("calls").map(({ onCallUpdated }) => onCallUpdated as SeenCall);
  return updates.filter(({ version }, n) => updates.slice(0, n).every((before) => before.version < version));
}

/** Alice calls Bob and joins the stage at once. */
async function aliceCallsBob(): Promise<string> {
  const reply = await alicesPhone.send({
    action: "initiateCall",
    callerId: alicesPhone.clientId,
    calleeId: bobsPhone.clientId,
  });
  await alicesPhone.joins(reply);
  return String(reply.body["callId"]);
}

async function wholeCall(): Promise<string> {
  const callId = await aliceCallsBob();
  await world.clock.advance(1_000);
  await bobsPhone.send({ action: "ackRinging", callId });
  await world.clock.advance(3_000);
  await bobsPhone.joins(await bobsPhone.send({ action: "answerCall", callId }));
  await world.clock.advance(60_000);
  await alicesPhone.send({ action: "endCall", clientId: alicesPhone.clientId, callId });
  await world.ended(callId);
  await world.clock.advance(1_000);
  return callId;
}

interface DeadLetter {
  readonly Body: string;
  readonly MessageAttributes: Record<string, { readonly StringValue: string }>;
}

async function deadLetters(): Promise<DeadLetter[]> {
  const { QueueUrls } = await world.aws("sqs", "ListQueues", { QueueNamePrefix: "ringmaster-live-state" });
  const [QueueUrl] = QueueUrls as string[];
  const received = await world.aws("sqs", "ReceiveMessage", { QueueUrl, MessageAttributeNames: ["All"] });
  return (received["Messages"] ?? []) as DeadLetter[];
}

describe("during a call", () => {
  let callId: string;
  let alicesView: SeenCall[];
  let bobsView: SeenCall[];
  let units: Record<string, number>;

  beforeAll(async () => {
    const [onAlice, onBob] = [await alice.dial(), await bob.dial()];
    await onAlice.start("calls", ON_CALL_UPDATED, { clientId: alicesPhone.clientId });
    await onBob.start("calls", ON_CALL_UPDATED, { clientId: bobsPhone.clientId });
    const before = { ...world.runtime.localAws.units };
    callId = await wholeCall();
    units = Object.fromEntries(
      ["appsync:operation", "appsync:real-time-update"].map((unit) => [
        unit,
        (world.runtime.localAws.units[unit] ?? 0) - (before[unit] ?? 0),
      ]),
    );
    [alicesView, bobsView] = [seenBy(onAlice), seenBy(onBob)];
    for (const one of [onAlice, onBob]) one.connection.closed();
  });

  test("both sides see it calling, ringing, answered and ended, in this order", () => {
    for (const view of [alicesView, bobsView]) {
      expect([...new Set(view.map(({ status }) => status))]).toEqual([
        "calling",
        "ringing",
        "answered",
        "ended",
      ]);
    }
  });

  test("each side gets its own leg and the other's client", () => {
    expect(alicesView.at(0)).toMatchObject({
      callId,
      clientId: alicesPhone.clientId,
      otherClientId: bobsPhone.clientId,
      role: "caller",
      media: expect.any(String),
      answeredAtMs: null,
    });
    expect(bobsView.at(-1)).toMatchObject({
      clientId: bobsPhone.clientId,
      otherClientId: alicesPhone.clientId,
      role: "callee",
      endReason: "completed",
      answeredAtMs: expect.any(Number),
      endedAtMs: expect.any(Number),
    });
  });

  test("each update contains the server's time at which it was sent", () => {
    const times = bobsView.map(({ serverNowMs }) => Number(serverNowMs));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    const [first, last] = [bobsView[0], bobsView.at(-1)];
    expect(Number(first?.["serverNowMs"]) - Number(first?.["createdAtMs"])).toBeLessThan(1_000);
    expect(Number(last?.["serverNowMs"]) - Number(last?.["endedAtMs"])).toBeLessThan(1_000);
  });

  test("no more mutations are paid for than there are updates of legs", () => {
    expect(units["appsync:operation"]).toBe(units["appsync:real-time-update"]);
    expect(units["appsync:operation"]).toBeLessThanOrEqual(14);
  });

  test("no update is left in the dead-letter queue", async () => {
    expect(await deadLetters()).toEqual([]);
  });
});

test("an update that does not fit the schema goes to the dead-letter queue, at once and with the reason", async () => {
  const Detail = JSON.stringify({ callId: "call", version: 1, status: "levitating" });
  const entry = { Source: "ringmaster", DetailType: "LegUpdated", EventBusName: "ringmaster", Detail };
  await world.aws("events", "PutEvents", { Entries: [entry] });
  await world.clock.advance(100);
  const [letter] = await deadLetters();
  expect(letter?.MessageAttributes["ERROR_CODE"]?.StringValue).toBe("INVALID_PARAMETER");
  expect(letter?.MessageAttributes["ERROR_MESSAGE"]?.StringValue).toMatch(/levitating|CallUpdateInput/);
});

describe("reading a call", () => {
  let callId: string;
  beforeAll(async () => {
    callId = await aliceCallsBob();
    await world.clock.advance(1_000);
  });

  test("is allowed to its participants, who each see their own leg", async () => {
    for (const [who, phone, role] of [
      [alice, alicesPhone, "caller"],
      [bob, bobsPhone, "callee"],
    ] as const) {
      const { data, errors } = await who.ask(GET_CALL, { callId });
      expect(errors).toEqual([]);
      expect(data?.["getCall"]).toMatchObject({ callId, role, clientId: phone.clientId, endReason: null });
      expect(data?.["getCall"]).toMatchObject({ serverNowMs: world.clock.now() });
    }
    const other = await alice.ask(GET_CALL, { callId, clientId: bobsPhone.clientId });
    expect(other.errors[0]?.errorType).toBe("Unauthorized");
  });

  test("is refused to everyone else, even to an operator", async () => {
    const olivia = await asker(world, "olivia");
    const { data, errors } = await olivia.ask(GET_CALL, { callId });
    expect([data, errors[0]?.errorType]).toEqual([{ getCall: null }, "Unauthorized"]);
    expect((await olivia.ask(GET_CALL, { callId: "no-such-call" })).errors).toEqual([]);
  });

  test("a subscription to another person's client, or to an unknown one, is refused", async () => {
    const listener = await bob.dial();
    await listener.start("hers", ON_CALL_UPDATED, { clientId: alicesPhone.clientId });
    await listener.start("nobodys", ON_CALL_UPDATED, { clientId: "no-such-client" });
    for (const id of ["hers", "nobodys"]) {
      expect(listener.messages).toContainEqual({
        type: "error",
        id,
        payload: {
          errors: [
            {
              errorType: "Unauthorized",
              message: "Not Authorized to access onCallUpdated on type Subscription",
            },
          ],
        },
      });
    }
    await alicesPhone.send({ action: "endCall", clientId: alicesPhone.clientId, callId });
    await world.clock.advance(2_000);
    expect(listener.types("hers")).toEqual(["error"]);
  });

  test("a person cannot publish what only the event bus may", async () => {
    const input = {
      v: 1,
      callId,
      version: 99,
      status: "ended",
      media: "audio",
      callerId: "a",
      calleeId: "b",
      createdAtMs: 1,
      ringUntilMs: 2,
      leg: 1,
      clientId: bobsPhone.clientId,
      otherClientId: "a",
      role: "callee",
      legStatus: "left",
    };
    const { data, errors } = await alice.ask(
      "mutation ($input: CallUpdateInput!) { publishCallUpdate(input: $input) { callId } }",
      { input },
    );
    expect(data).toEqual({ publishCallUpdate: null });
    expect(errors).toMatchObject([
      { errorType: "Unauthorized", message: "Not Authorized to access publishCallUpdate on type Mutation" },
    ]);
  });
});

describe("past calls", () => {
  const rowOf = (n: number) => {
    const createdAtMs = 1_700_000_000_000 + n;
    const text = {
      sub: "bob",
      callId: `call-${n}`,
      role: "callee",
      otherClientId: "someone",
      status: "ended",
      endReason: "missed",
      media: "audio",
    };
    const numbers = {
      leg: 2,
      createdAtMs,
      ringUntilMs: createdAtMs + 45_000,
      endedAtMs: createdAtMs + 45_000,
      version: 7,
    };
    const clientId = bobsPhone.clientId;
    return {
      pk: { S: `client#${clientId}` },
      sk: { S: `call#${createdAtMs}#call-${n}` },
      clientId: { S: clientId },
      ...Object.fromEntries(Object.entries(text).map(([name, value]) => [name, { S: value }])),
      ...Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { N: String(value) }])),
    };
  };
  beforeEach(async () => {
    const TableName = world.runtime.physicalId("CallsTable");
    for (const n of [1, 2, 3]) await world.aws("dynamodb", "PutItem", { TableName, Item: rowOf(n) });
  });

  test("are listed latest first, page by page, to the owner of the client", async () => {
    type Page = { items: SeenCall[]; nextToken: string | null };
    const page = async (variables: object): Promise<Page> => {
      const { data, errors } = await bob.ask(LIST_CALLS, { clientId: bobsPhone.clientId, ...variables });
      expect(errors).toEqual([]);
      return data?.["listCalls"] as Page;
    };
    const all = (await page({})).items.filter(({ otherClientId }) => otherClientId === "someone");
    expect(all.map(({ callId }) => callId)).toEqual(["call-3", "call-2", "call-1"]);
    expect(all[0]).toMatchObject({
      endReason: "missed",
      version: 7,
      createdAtMs: 1_700_000_000_003,
      legStatus: null,
      serverNowMs: world.clock.now(),
    });
    const first = await page({ limit: 1 });
    const second = await page({ limit: 1, nextToken: first.nextToken });
    expect([first, second].map(({ items }) => items.length)).toEqual([1, 1]);
    expect(second.items[0]?.["createdAtMs"]).toBeLessThan(Number(first.items[0]?.["createdAtMs"]));
  });

  test("are refused to other people, and another person's page token is invalid", async () => {
    const stolen = await alice.ask(LIST_CALLS, { clientId: bobsPhone.clientId });
    expect([stolen.data, stolen.errors[0]?.errorType]).toEqual([{ listCalls: null }, "Unauthorized"]);
    const bobs = await bob.ask(LIST_CALLS, { clientId: bobsPhone.clientId, limit: 1 });
    const { nextToken } = answered<{ nextToken: string }>(bobs, "listCalls");
    const led = await alice.ask(LIST_CALLS, { clientId: alicesPhone.clientId, nextToken });
    expect(led.errors[0]?.errorType).toBe("DynamoDB:ValidationException");
  });
});
