/** Who is in a call, and the call that another phone of the same person is in. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Outcome } from "../../../packages/client/src/wire/problem.ts";
import type { CallView } from "../../../packages/client/src/wire/replies.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";
import { isGroup, openCompany, withEars } from "../../../web/phone/state/company.ts";
import { openElsewhere } from "../../../web/phone/state/elsewhere.ts";
import { memberWords } from "../../../web/phone/state/words.ts";
import { en } from "../../../web/phone/texts/en.ts";
import { ALICE, answeredView, BOB, CALL, ok, ownCall, phoneWorld, refused, view } from "./phone-world.ts";

const CAROL = "carol-client";
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const group = (version: number, carol: Partial<CallView["legs"][number]>): CallView => {
  const { legs, ...call } = answeredView({ version });
  return { ...call, legs: [...legs, { clientId: CAROL, role: "callee", status: "invited", ...carol }] };
};

/** Alice's company; `replies` of the server, in turn. */
function companyOf(...replies: Outcome<unknown>[]) {
  const sent: object[] = [];
  const server = {
    async send(action: string, input: object) {
      sent.push({ action, ...input });
      return replies.shift() ?? refused({ code: "network" });
    },
  } as Commands; // replies are what the test says
  const commands = withEars(server, (heard) => company.heard(heard));
  const company = openCompany({ commands, clientId: ALICE });
  const words = (): string[] => company.state().members.map((member) => memberWords(en, member));
  return { company, commands, sent, words };
}

test("the reply to a call of several names everybody, and an update that something has changed is looked into", async () => {
  const { company, commands, sent, words } = companyOf(
    ok(group(3, {})),
    ok(group(4, { status: "left", endReason: "declined" })),
  );
  await commands.send("initiateCall", {});
  expect(isGroup(company.state())).toBe(true);
  expect(words()).toEqual(["in the call", "in the call", "being called …"]);
  company.updated({ callId: CALL, version: 4, status: "answered" });
  await vi.advanceTimersByTimeAsync(0);
  expect(sent.at(-1)).toEqual({ action: "getCall", callId: CALL });
  expect(words()).toEqual(["in the call", "in the call", "declined"]);
});

test("a reply that is older than what is known changes nothing", async () => {
  const { company, commands, words } = companyOf(ok(group(4, { status: "joined" })), ok(group(3, {})));
  await commands.send("getCall", {});
  const before = company.state();
  await commands.send("getCall", {});
  expect(company.state()).toBe(before);
  expect(words()[2]).toBe("in the call");
});

test("a call of two is not read again while it rings, but once it is answered: others may have been added", async () => {
  const { company, commands, sent } = companyOf(ok(view()), ok(group(5, { status: "ringing" })));
  await commands.send("initiateCall", {});
  company.updated({ callId: CALL, version: 2, status: "ringing" });
  expect(sent).toHaveLength(1);
  company.updated({ callId: CALL, version: 5, status: "answered" });
  await vi.advanceTimersByTimeAsync(0);
  expect(company.state().members).toHaveLength(3);
});

test("people are added to the call as the server allows it", async () => {
  const { company, sent } = companyOf(refused({ code: "call_full" }));
  expect(await company.add(CALL, [CAROL])).toMatchObject({ ok: false, problem: { code: "call_full" } });
  expect(sent).toEqual([{ action: "addToCall", callId: CALL, clientId: ALICE, calleeIds: [CAROL] }]);
});

const ELSEWHERE = { callId: CALL, otherClientId: BOB };

function elsewhereOf(world = phoneWorld()) {
  const sent: object[] = [];
  const commands = {
    send: async (action: string, input: object) => {
      sent.push({ action, ...input });
      return ok({});
    },
  } as unknown as Commands; // its replies are not read
  const me = { clientId: ALICE, deviceId: "web-1" };
  return { world, sent, elsewhere: openElsewhere({ me, phone: world.phone, commands }) };
}

const joinedWith = (deviceId: string): CallView => {
  const { legs, ...call } = answeredView();
  return { ...call, legs: legs.map((leg) => (leg.clientId === ALICE ? { ...leg, deviceId } : leg)) };
};

test("a call on another phone of the same person is told, taken over, or ended there", async () => {
  const { world, sent, elsewhere } = elsewhereOf();
  elsewhere.heard(joinedWith("web-1"));
  expect(elsewhere.state().call).toBeUndefined();
  elsewhere.heard(joinedWith("phone-2"));
  expect(elsewhere.state().call).toEqual(ELSEWHERE);
  elsewhere.end();
  expect(sent).toEqual([{ action: "endCall", callId: CALL, clientId: ALICE, deviceId: "web-1" }]);

  world.replies("getCall", ok(joinedWith("phone-2")));
  world.replies("rejoinCall", ok({ ...joinedWith("web-1"), token: "t2" }));
  elsewhere.takeOver();
  await world.wait();
  expect(world.sent.at(-1)).toMatchObject({ action: "rejoinCall", input: { takeOver: true } });
  expect(elsewhere.state().call).toBeUndefined();
});

test("it is told of by an update as well, until the call is over", () => {
  const { elsewhere } = elsewhereOf();
  elsewhere.updated(ownCall({ status: "answered", legStatus: "joined" }));
  expect(elsewhere.state().call).toEqual(ELSEWHERE);
  elsewhere.updated(ownCall({ status: "ended", legStatus: "left" }));
  expect(elsewhere.state().call).toBeUndefined();
});

test("a late update of a call that this phone has left says nothing about other phones", async () => {
  const { world, elsewhere } = elsewhereOf();
  world.replies("initiateCall", ok({ ...view(), token: "t1" }));
  world.replies("endCall", ok({ ended: true, endReason: "cancelled" }));
  world.phone.dial({ clientId: BOB }, "audio");
  elsewhere.updated(ownCall());
  await world.wait();
  world.phone.press("hang-up");
  elsewhere.updated(ownCall({ version: 3 }));
  expect(elsewhere.state().call).toBeUndefined();
});

test("a call that another phone takes over from this one is on another phone", async () => {
  const { world, elsewhere } = elsewhereOf();
  world.replies("initiateCall", ok({ ...view(), token: "t1" }));
  world.phone.dial({ clientId: BOB }, "audio");
  await world.wait();
  world.stage({ is: "connected" });
  world.update({ status: "answered", version: 4, answeredAtMs: 7 });
  world.stage({ is: "lost", how: "moved" });
  expect(elsewhere.state().call).toEqual(ELSEWHERE);
});
