/** The expressions of the call workflow, evaluated as Step Functions evaluates them. */
import jsonata from "jsonata";
import { describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { workflowView } from "../../calls/snapshot.ts";
import { recordPushes } from "../../calls/pushes.ts";
import { answer } from "../../calls/answering.ts";
import { decline, endBy, passTime } from "../../calls/ending.ts";
import { callWorkflow } from "../../workflows/call.ts";
import {
  after,
  answered,
  at,
  BOB,
  bob,
  BOBS_PHONE,
  BOBS_TABLET,
  CALL,
  CALLEE,
  calling,
  carol,
  completed,
  endedWhileRinging,
  pushedTo,
  ringing,
} from "../builders.ts";

const ACCEPTED = { outcome: "accepted", channel: "GCM" } as const;
const { States } = callWorkflow() as { States: Record<string, Record<string, unknown>> };

async function evaluate(expression: unknown, call: Call, nowMs = at(10)): Promise<unknown> {
  const source = String(expression).replace(/^\{%|%\}$/g, "");
  const compiled = jsonata(source);
  compiled.registerFunction("millis", () => nowMs);
  const result: unknown = await compiled.evaluate(undefined, { call: workflowView(call), callId: CALL });
  return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
}

async function nextAfter(choice: string, call: Call): Promise<unknown> {
  const { Choices, Default } = States[choice] as {
    Choices: { Condition: string; Next: string }[];
    Default: string;
  };
  for (const { Condition, Next } of Choices) if ((await evaluate(Condition, call)) === true) return Next;
  return Default;
}

describe("the state after the ring", () => {
  const several = pushedTo(answered(), BOBS_PHONE, BOBS_TABLET);
  test.each<[string, Call, string]>([
    ["every phone was pushed, and none rings yet", pushedTo(calling(), BOBS_PHONE), "Ringing"],
    ["a phone rings", pushedTo(ringing(), BOBS_PHONE), "Ringing"],
    ["no phone was pushed yet", calling(), "Some phones told"],
    ["answered on the only device", answered(), "Answered"],
    ["answered on one of several devices", several, "Answered elsewhere"],
    ["declined", endedWhileRinging("declined"), "Declined"],
    ["cancelled", endedWhileRinging("cancelled"), "Cancelled"],
    ["missed", endedWhileRinging("missed"), "Missed"],
    ["unreachable", endedWhileRinging("unreachable"), "Unreachable"],
    ["busy", endedWhileRinging("busy"), "Busy"],
    ["both have talked already", completed(), "Leg ended"],
    ["failed, while phones ring", endedWhileRinging("failed"), "Ringing stopped"],
    ["failed, and no phone needs to know", after(answered(), endBy("failed"), at(9)), "Leg ended"],
  ])("%s", async (_how, call, next) => {
    expect(await nextAfter("How did ringing end?", call)).toBe(next);
  });
});

describe("a group, or silenced phones", () => {
  const group = calling({ callees: [bob(), carol()] });
  const told = after(
    pushedTo(group, BOBS_PHONE, BOBS_TABLET),
    recordPushes([{ leg: 3, type: "incoming_call", devices: new Map([["phone", ACCEPTED]]) }]),
    at(1),
  );
  const bobIn = after(told, answer(CALLEE, BOBS_PHONE), at(5));
  const quiet = calling({ callees: [bob({ doNotDisturbUntilMs: at(60) })] });
  const gone = recordPushes([{ leg: CALLEE, type: "incoming_call", devices: new Map() }]);

  test.each<[string, Call, string]>([
    [
      "one callee declined, and another of their phones rings",
      after(told, decline(2, BOBS_PHONE), at(5)),
      "Some phones told",
    ],
    ["all phones have been told, and no callee has answered", told, "Ringing"],
    ["one callee answered, and another of their phones rings", bobIn, "Answered elsewhere"],
    ["kept silent", after(quiet, gone, at(1)), "Kept silent"],
    ["really unreachable", after(calling(), gone, at(1)), "Unreachable"],
    [
      "answered and over at once, while a phone rings",
      after(bobIn, endBy("dropped"), at(6)),
      "Ringing stopped",
    ],
  ])("the state after the ring: %s", async (_how, call, next) => {
    expect(await nextAfter("How did ringing end?", call)).toBe(next);
  });

  test("while some talk, the phones of the others get their pushes, and the call goes on", async () => {
    const missed = after(bobIn, passTime, at(45));
    expect(await nextAfter("How did the call end?", missed)).toBe("Others told");
    const three = after(told, answer(3, undefined), at(6));
    expect(await nextAfter("How did the call end?", after(three, passTime, at(45)))).toBe("Others told");
    expect(await nextAfter("How did the call end?", pushedTo(answered(), BOBS_PHONE))).toBe("In call");
  });
});

test("a call goes on until it has ended", async () => {
  expect(await nextAfter("How did the call end?", answered())).toBe("In call");
  expect(await nextAfter("How did the call end?", completed())).toBe("Leg ended");
});

describe("a wait lasts", () => {
  const waitOf = (state: string, call: Call, nowMs: number) =>
    evaluate(States[state]?.["TimeoutSeconds"], call, nowMs);

  test("until the ring time is over", async () => {
    expect(await waitOf("Ringing", calling(), at(2) + 1)).toBe(43);
  });

  test("at most an hour (W6)", async () => {
    expect(await waitOf("In call", answered(), at(6))).toBe(3600);
  });

  test("at least a second, even after the deadline", async () => {
    expect(await waitOf("Ringing", calling(), at(60))).toBe(1);
  });
});

test("the first push reads the callee's phones beside the call, if the input names the callee", async () => {
  const { Arguments } = States["Push sent"] as { Arguments: { Payload: { phonesOf: string } } };
  const [, source = ""] = /^\{%(.*)%\}$/.exec(Arguments.Payload.phonesOf) ?? [];
  const phonesOf = async (input: object): Promise<unknown> =>
    JSON.parse(JSON.stringify(await jsonata(source).evaluate(undefined, { states: { input } })));
  expect(await phonesOf({ callId: CALL, calleeId: BOB })).toEqual([BOB]);
  expect(await phonesOf({ callId: CALL })).toEqual([]);
});

test("what a push needs is read beside the call, if phones have a push due", async () => {
  const { Arguments } = States["Cancelled"] as { Arguments: { Payload: string } };
  const cancelled = after(pushedTo(calling(), BOBS_PHONE), endBy("cancelled"), at(9));
  expect(await evaluate(Arguments.Payload, cancelled)).toEqual({
    callId: CALL,
    phonesOf: [BOB],
  });
  expect(await evaluate(Arguments.Payload, pushedTo(calling(), BOBS_PHONE))).toEqual({ callId: CALL });
  const missed = States["Missed"] as { Arguments: { Payload: { phonesOf: string } } };
  const group = calling({ callees: [bob(), carol({ doNotDisturbUntilMs: at(60) })] });
  expect(await evaluate(missed.Arguments.Payload.phonesOf, group)).toEqual([BOB]);
});
