/** Each problem that the table lists for a command is provoked here, so that documented problems can really happen. */
import { afterAll, describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { type Action, commands } from "../../api/commands.ts";
import { type ProblemCode, problemCodes } from "../../api/problems.ts";
import { ENVELOPE_REFUSALS, refusalsOf } from "../../api/refusals.ts";
import type { Shape } from "../../packages/local-aws/src/aws-call.ts";
import { adds, answers, begins, calls, declines, ends, joinsStage } from "../scenarios/cast.ts";
import { type Phone, type Reply, startWorld, type World } from "../world.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

const MINUTE_MS = 60_000;

let world: World;
let olivia: Phone;
openForAll(
  () => startWorld({ quotas: false }),
  async (opened) => {
    world = opened;
    olivia = await world.phone("olivia");
  },
);

let people = 0;
/** A new person, because limits count persons. */
async function phone(device?: string): Promise<Phone> {
  people += 1;
  const named = device === undefined ? {} : { deviceId: device };
  return world.phone(`person-${people}`, { deviceToken: `token-${people}`, ...named });
}
const phones = (count: number): Promise<Phone[]> =>
  Array.from({ length: count }).reduce<Promise<Phone[]>>(
    async (some) => [...(await some), await phone()],
    Promise.resolve([]),
  );

interface Ringing {
  readonly alice: Phone;
  readonly bob: Phone;
  readonly carol: Phone;
  readonly callId: string;
}
/** Alice calls Bob and Carol. */
async function ringing(): Promise<Ringing> {
  const [alice, bob, carol] = (await phones(3)) as [Phone, Phone, Phone];
  const callId = await begins(alice, bob, carol);
  await world.clock.advance(1_000);
  return { alice, bob, carol, callId };
}
async function talking(): Promise<Ringing> {
  const company = await ringing();
  for (const one of [company.bob, company.carol]) await answers(one, company.callId);
  for (const one of [company.alice, company.bob, company.carol]) await joinsStage(one, company.callId);
  return company;
}
const removes = ({ clientId }: Phone, callId: string) => olivia.send({ action: "endCall", callId, clientId });
const stranger = async (body: (own: Phone, others: Phone) => Shape): Promise<Reply> => {
  const [one, other] = (await phones(2)) as [Phone, Phone];
  return one.send(body(one, other));
};

type Way = () => Promise<Reply>;
/** A command with another person's client, and with a client that does not exist. */
const client = (action: Action, rest: Shape = {}, field = "clientId"): Record<string, Way> => ({
  not_your_client: () =>
    stranger((_own, { clientId }) => ({ action, blockedId: olivia.clientId, ...rest, [field]: clientId })),
  no_such_client: async () =>
    (await phone()).send({ action, blockedId: olivia.clientId, ...rest, [field]: UNKNOWN }),
});
const call = (action: Action, rest: Shape = {}): Record<string, Way> => ({
  not_your_call: async () => {
    const { callId } = await ringing();
    return stranger(({ clientId }) => ({ action, callId, clientId, ...rest }));
  },
  no_such_call: async () => {
    const one = await phone();
    return one.send({ action, clientId: one.clientId, callId: UNKNOWN, ...rest });
  },
});
/** A command of a callee who was removed, and after the call was over. */
const living = (action: Action, rest: Shape = {}): Record<string, Way> => ({
  ...call(action, rest),
  async removed_from_call() {
    const { bob, callId } = await talking();
    await removes(bob, callId);
    return bob.send({ action, callId, ...rest });
  },
  async call_over() {
    const { alice, bob, carol, callId } = await ringing();
    await ends(alice, callId);
    await declines(carol, callId).catch(() => undefined);
    return bob.send({ action, callId, ...rest });
  },
});
/** Bob was removed, and names a client of his that is not in the call. */
async function byAnotherLine(action: Action): Promise<Reply> {
  const { bob, callId } = await talking();
  await removes(bob, callId);
  const line = { notifyType: "GCM", deviceToken: `${bob.owner}-line`, anotherClient: true };
  const { id: clientId } = (await bob.send({ action: "register", ...line })).body;
  return bob.send({ action, callId, clientId });
}
/** Bob has left a call that goes on, and is in another call. */
async function backFromAnother(
  action: Action,
  leaves: (bob: Phone, callId: string) => Promise<Reply>,
): Promise<Reply> {
  const { bob, alice, carol, callId } = await ringing();
  await answers(carol, callId);
  for (const one of [alice, carol]) await joinsStage(one, callId);
  await leaves(bob, callId);
  await begins(bob, await phone());
  return bob.send({ action, callId });
}
/** Bob has left a call that goes on, and his client is deleted. */
async function withoutClient(
  action: Action,
  leaves: (bob: Phone, callId: string) => Promise<Reply>,
): Promise<Reply> {
  const { bob, alice, carol, callId } = await ringing();
  await answers(carol, callId);
  for (const one of [alice, carol]) await joinsStage(one, callId);
  await leaves(bob, callId);
  await bob.send({ action: "deleteClientIds", clientIds: [bob.clientId] });
  const isGone = async (): Promise<boolean> =>
    (await bob.send({ action: "getClient", clientId: bob.clientId })).status === 404;
  await world.clock.until(isGone);
  return bob.send({ action, callId });
}
const answersAndLeaves = async (bob: Phone, callId: string): Promise<Reply> => {
  await answers(bob, callId);
  await joinsStage(bob, callId);
  return ends(bob, callId);
};
/** Sends the same until it is refused. */
async function untilRefused(send: (attempt: number) => Promise<Reply>): Promise<Reply> {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const reply = await send(attempt);
    if (reply.status >= 400) return reply;
  }
  throw new Error("nothing was refused");
}

const ways: { readonly [A in Action]?: Readonly<Record<string, Way>> } = {
  register: {
    ...client("register", { notifyType: "GCM", deviceToken: "some-token" }),
    too_many_clients: async () => {
      const one = await phone();
      return untilRefused((attempt) =>
        one.send({
          action: "register",
          notifyType: "GCM",
          deviceToken: `${one.owner}-line-${attempt}`,
          anotherClient: true,
        }),
      );
    },
    too_many_registrations: async () => {
      const one = await phone();
      return untilRefused((attempt) =>
        one.send({ action: "register", notifyType: "GCM", deviceToken: `${one.owner}-phone-${attempt}` }),
      );
    },
  },
  unregister: client("unregister", { deviceId: "phone" }),
  getClient: client("getClient"),
  blockClient: client("blockClient"),
  unblockClient: client("unblockClient"),
  setDoNotDisturb: client("setDoNotDisturb", { untilMs: null }),
  listCalls: client("listCalls"),
  initiateCall: {
    not_your_client: () =>
      stranger((own, { clientId }) => ({
        action: "initiateCall",
        callerId: clientId,
        calleeId: own.clientId,
      })),
    no_such_client: () =>
      stranger(({ clientId }) => ({ action: "initiateCall", callerId: clientId, calleeId: UNKNOWN })),
    async caller_in_call() {
      const { alice } = await ringing();
      return calls(alice, [await phone()]);
    },
    async callee_busy() {
      const { alice } = await ringing();
      return calls(await phone(), [alice]);
    },
    async call_over() {
      const [alice, bob] = (await phones(2)) as [Phone, Phone];
      const again = () =>
        alice.send(
          { action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId },
          { "idempotency-key": "tap" },
        );
      await ends(alice, String((await again()).body["callId"]));
      return again();
    },
    async removed_from_call() {
      const [alice, bob, carol] = (await phones(3)) as [Phone, Phone, Phone];
      const again = () =>
        alice.send(
          {
            action: "initiateCall",
            callerId: alice.clientId,
            calleeIds: [bob.clientId, carol.clientId],
          },
          { "idempotency-key": "tap" },
        );
      const callId = String((await again()).body["callId"]);
      for (const one of [bob, carol]) await answers(one, callId);
      await removes(alice, callId);
      return again();
    },
    async idempotency_key_reused() {
      const [alice, bob, carol] = (await phones(3)) as [Phone, Phone, Phone];
      const to = ({ clientId }: Phone) =>
        alice.send(
          { action: "initiateCall", callerId: alice.clientId, calleeId: clientId },
          { "idempotency-key": "tap" },
        );
      await to(bob);
      return to(carol);
    },
    async too_many_calls() {
      await world.clock.advance(2 * MINUTE_MS);
      const [alice, bob] = (await phones(2)) as [Phone, Phone];
      return untilRefused(async () => {
        const reply = await calls(alice, [bob]);
        await alice.send({ action: "endCall", clientId: alice.clientId });
        return reply;
      });
    },
    async no_stage() {
      const fault = async () => ({ Items: [], Count: 0 });
      const where = ({ input }: { input: Shape }) =>
        input["TableName"] === world.runtime.physicalId("StagesTable");
      const withdraw = world.runtime.localAws.interfere({
        service: "dynamodb",
        operation: "Query",
        where,
        fault,
        times: 1_000,
      });
      const [alice, bob] = (await phones(2)) as [Phone, Phone];
      const reply = await calls(alice, [bob]);
      withdraw();
      return reply;
    },
  },
  answerCall: {
    ...living("answerCall"),
    caller_in_call: () => backFromAnother("answerCall", declines),
    no_such_client: () => withoutClient("answerCall", declines),
  },
  declineCall: { ...living("declineCall"), removed_from_call: () => byAnotherLine("declineCall") },
  ackRinging: { ...living("ackRinging"), removed_from_call: () => byAnotherLine("ackRinging") },
  rejoinCall: {
    ...living("rejoinCall"),
    async not_in_call() {
      const { bob, callId } = await ringing();
      return bob.send({ action: "rejoinCall", callId });
    },
    async on_another_device() {
      const [alice, bob] = [await phone("phone"), await phone()];
      const callId = await begins(alice, bob);
      return alice.send({ action: "rejoinCall", callId, deviceId: "tablet" });
    },
    caller_in_call: () => backFromAnother("rejoinCall", answersAndLeaves),
    no_such_client: () => withoutClient("rejoinCall", answersAndLeaves),
  },
  addToCall: {
    ...call("addToCall", { calleeIds: [UNKNOWN] }),
    async removed_from_call() {
      const { alice, bob, callId } = await talking();
      await removes(bob, callId);
      return adds(alice, callId, bob);
    },
    async call_over() {
      const { alice, bob, callId } = await ringing();
      await ends(alice, callId);
      return adds(alice, callId, bob);
    },
    async no_such_client() {
      const { alice, callId } = await ringing();
      return alice.send({ action: "addToCall", callId, calleeIds: [UNKNOWN] });
    },
    async not_in_call() {
      const { bob, callId } = await ringing();
      return adds(bob, callId, await phone());
    },
    async call_full() {
      const { alice, callId } = await talking();
      return adds(alice, callId, ...(await phones(10)));
    },
    async too_many_calls() {
      const { alice, callId } = await talking();
      return untilRefused(async () => {
        const carol = await phone();
        const reply = await adds(alice, callId, carol);
        await declines(carol, callId);
        return reply;
      });
    },
  },
  endCall: {
    ...client("endCall"),
    ...call("endCall"),
    removed_from_call: () => byAnotherLine("endCall"),
    operators_only: () =>
      stranger(({ clientId }) => ({ action: "endCall", clientId, callId: UNKNOWN, everyone: true })),
    async on_another_device() {
      const [alice, bob] = [await phone("phone"), await phone()];
      await begins(alice, bob);
      return alice.send({ action: "endCall", clientId: alice.clientId, deviceId: "tablet" });
    },
  },
  getCall: call("getCall"),
  deleteClientIds: {
    async idempotency_key_reused() {
      const [one, other] = (await phones(2)) as [Phone, Phone];
      const again = (to: Phone, ...clientIds: string[]) =>
        to.send({ action: "deleteClientIds", clientIds }, { "idempotency-key": "monday" });
      await again(one, one.clientId);
      return again(one, one.clientId, other.clientId);
    },
    async too_many_deletions() {
      const one = await phone();
      return untilRefused(() => one.send({ action: "deleteClientIds", clientIds: [one.clientId] }));
    },
  },
  getOperation: {
    no_such_operation: async () => (await phone()).send({ action: "getOperation", operationId: "none" }),
  },
};

/** Refusals that every command has in common. */
const WRONG = Object.fromEntries(
  ["clientId", "callId", "callerId", "operationId", "clientIds", "notifyType"].map((field) => [field, 7]),
);
const alike: Readonly<Record<string, (action: Action) => Promise<Reply>>> = {
  invalid_request: (action) => olivia.send({ ...WRONG, action }),
  body_too_large: (action) => olivia.send({ action, filling: "x".repeat(300_000) }),
};
/**
 * Of every command: test/whole-calls/signing-out.test.ts tests each, the gateway refuses other tokens first, and internal failures
 * have one reply (test/handlers/unexpected-failure.test.ts).
 */
const ELSEWHERE: readonly ProblemCode[] = ["signed_out", "access_token_required", "try_again"];

describe.each(commands.map(({ action }) => action))("%s", (action) => {
  const own = ways[action] ?? {};
  // The calls are over by then, and their stages are free again.
  afterAll(() => world.clock.advance(2 * MINUTE_MS));
  const listed = refusalsOf(action).filter((code) => !ELSEWHERE.includes(code));

  test.each(listed)("can give %s", async (code) => {
    const provoke = own[code] ?? alike[code];
    if (!provoke) throw new Error(`nothing here provokes ${code}`);
    expect((await provoke(action)).body["code"]).toBe(code);
  });

  test("gives no problem here that its list lacks", () => {
    expect(Object.keys(own).filter((code) => !listed.includes(code as ProblemCode))).toEqual([]);
  });
});

test("every problem belongs to a command or to the envelope", () => {
  const listed = new Set([...commands.flatMap(({ action }) => refusalsOf(action)), ...ENVELOPE_REFUSALS]);
  expect(problemCodes.filter((code) => !listed.has(code))).toEqual([]);
});
