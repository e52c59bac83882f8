/** Properties of a call under any sequence of rules, in any order, at any time. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Call, callSchema, END_REASONS, PUSH_OUTCOMES } from "../../calls/call.ts";
import { participantTokenClaims } from "../../calls/participant-token.ts";
import { recordPushes } from "../../calls/pushes.ts";
import {
  answer,
  closeCall,
  decline,
  type Decision,
  endBy,
  endLeg,
  failAdmission,
  passTime,
  prepareToken,
  renewToken,
  ring,
  type Rule,
  tokensUntilMs,
} from "../../calls/rules.ts";
import { WAKING_EVENTS } from "../../events/catalogue.ts";
import { BOBS_PHONE, BOBS_TABLET, CALLEE, CALLER, calling, START_MS } from "../builders.ts";

const devices = fc.constantFrom(BOBS_PHONE, BOBS_TABLET, undefined);
const legs = fc.constantFrom(CALLER, CALLEE);
const outcomes = fc
  .array(fc.tuple(fc.constantFrom(BOBS_PHONE, BOBS_TABLET), fc.constantFrom(...PUSH_OUTCOMES)))
  .map((entries) => new Map<string, (typeof PUSH_OUTCOMES)[number]>(entries));

const rules: fc.Arbitrary<Rule> = fc.oneof(
  devices.map((device) => answer(CALLEE, device)),
  devices.map((device) => ring(CALLEE, device)),
  devices.map((device) => decline(CALLEE, device)),
  fc.tuple(legs, devices).map(([leg, device]) => endLeg(leg, device)),
  fc.constantFrom(...END_REASONS).map(endBy),
  legs.map(prepareToken),
  legs.map(renewToken),
  outcomes.map((each) => recordPushes("incoming_call", each)),
  fc.constantFrom<Rule>(passTime, failAdmission, (call, nowMs) =>
    call.status === "ended" ? closeCall(90)(call, nowMs) : passTime(call, nowMs),
  ),
);
const pauses = fc.oneof(fc.nat({ max: 20_000 }), fc.nat({ max: 200_000 }), fc.constant(4 * 3600 * 1000));
const sequences = fc.array(fc.tuple(rules, pauses), { maxLength: 25 });

interface Step {
  readonly before: Call;
  readonly decision: Decision;
  /** As it is stored then. */
  readonly call: Call;
}

function play(sequence: readonly (readonly [Rule, number])[]): Step[] {
  let [call, nowMs] = [calling(), START_MS];
  return sequence.map(([rule, pauseMs]) => {
    nowMs += pauseMs;
    const before = call;
    const decision = rule(before, nowMs);
    if (decision.kind === "changed") call = decision.call;
    return { before, decision, call };
  });
}

function always(check: (steps: Step[]) => void): void {
  fc.assert(
    fc.property(sequences, (sequence) => check(play(sequence))),
    { numRuns: 500 },
  );
}
const atEachStep = (check: (step: Step) => void): void => always((steps) => steps.forEach(check));

test("each change raises the version by one, and nothing else moves it (W1)", () => {
  atEachStep(({ before, decision, call }) => {
    const moved = decision.kind === "changed" ? 1 : 0;
    expect(call.version).toBe(before.version + moved);
    expect(decision.kind === "already" ? decision.call : before).toBe(before);
  });
});

test("the turn rises exactly when the call is answered or ends, and never passes the version (W2)", () => {
  atEachStep(({ before, call }) => {
    const acted = call.status !== before.status && (call.status === "answered" || call.status === "ended");
    expect(call.turn).toBe(before.turn + (acted ? 1 : 0));
    expect(call.turn).toBeLessThanOrEqual(call.version);
  });
});

test("whatever raises the turn announces an event that wakes the workflow (W4)", () => {
  const waking: readonly string[] = WAKING_EVENTS;
  atEachStep(({ before, decision, call }) => {
    if (decision.kind !== "changed" || call.turn === before.turn) return;
    expect(decision.events.some(({ name }) => waking.includes(name))).toBe(true);
  });
});

test("an ended call never comes back, nor does its end reason change", () => {
  atEachStep(({ before, call }) => {
    if (before.status !== "ended") return;
    expect([call.status, call.endReason, call.endedAtMs]).toEqual([
      "ended",
      before.endReason,
      before.endedAtMs,
    ]);
  });
});

test("a call has an end reason and an end time exactly when it has ended", () => {
  atEachStep(({ call }) => {
    const over = call.status === "ended";
    expect([call.endReason !== undefined, call.endedAtMs !== undefined]).toEqual([over, over]);
  });
});

test("the status follows from Bob's leg", () => {
  const statusOf = { invited: "calling", ringing: "ringing", joined: "answered", left: "ended" } as const;
  atEachStep(({ call }) => expect(call.status).toBe(statusOf[call.legs[CALLEE]?.status ?? "left"]));
});

test("no token that was ever issued outlives what the stage rests for", () => {
  always((steps) => {
    let latestMs = 0;
    for (const { call } of steps) {
      for (const leg of [CALLER, CALLEE].filter((one) => (call.legs[one]?.tokenCount ?? 0) > 0)) {
        latestMs = Math.max(latestMs, participantTokenClaims(call, leg, START_MS).exp * 1000);
      }
      expect(tokensUntilMs(call)).toBeGreaterThanOrEqual(latestMs);
    }
  });
});

test("every event of a change shows the call as the change left it (W7)", () => {
  atEachStep(({ decision }) => {
    if (decision.kind === "over") return;
    const { version, status, endReason } = decision.call;
    for (const { detail } of decision.events) {
      expect([detail["version"], detail["status"], detail["endReason"]]).toEqual([
        version,
        status,
        endReason,
      ]);
    }
  });
});

test("whatever is written can be read again", () => {
  atEachStep(({ call }) => expect(callSchema.parse(call)).toEqual(call));
});
