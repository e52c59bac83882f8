/** Properties of a call of two and of a group, under any sequence of rules, in any order, at any time. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { invitation } from "../../calls/admission.ts";
import {
  type Call,
  callSchema,
  type CallStatus,
  isRemoved,
  legNumbers,
  legOf,
  legsOf,
  PUSH_OUTCOMES,
  PUSH_TYPES,
} from "../../calls/call.ts";
import { END_REASONS } from "../../events/end-reason.ts";
import { admitAgain, endForEverybody, removePerson } from "../../calls/operators.ts";
import { participantOfLeg } from "../../calls/participant.ts";
import { participantTokenClaims } from "../../handlers/media/ivs/participant-token.ts";
import { recordPushes } from "../../calls/pushes.ts";
import { answer, rejoin, ring } from "../../calls/answering.ts";
import { closeCall } from "../../calls/closing.ts";
import { decline, endBy, endLeg, failAdmission, leaveAs, passTime } from "../../calls/ending.ts";
import { invite } from "../../calls/invitation.ts";
import { prepareTokens, renewToken, tokensUntilMs } from "../../calls/participant-tokens.ts";
import type { Decision, Rule } from "../../calls/rules.ts";
import { WAKING_EVENTS } from "../../events/catalogue.ts";
import {
  after,
  alice,
  bob,
  BOBS_PHONE,
  BOBS_TABLET,
  CALLER,
  calling,
  carol,
  dave,
  START_MS,
} from "./group.ts";

const devices = fc.constantFrom(BOBS_PHONE, BOBS_TABLET, undefined);
/** A rule on a leg that does not exist does nothing. */
const onLeg =
  (leg: number, rule: Rule): Rule =>
  (call, nowMs) =>
    call.legs[leg] ? rule(call, nowMs) : { kind: "already", call, events: [] };
const callees = fc.constantFrom(2, 3, 4);
const legs = fc.constantFrom(CALLER, 2, 3, 4);
const outcomes = fc
  .array(fc.tuple(devices, fc.constantFrom(...PUSH_OUTCOMES)))
  .map(
    (entries) =>
      new Map(
        entries.map(
          ([device, outcome]) => [device ?? "other", { outcome, channel: "GCM" as const }] as const,
        ),
      ),
  );
/** A client with a living leg is not called again, which the commands ensure. */
const invitees = fc.tuple(fc.constantFrom(bob(), carol(), dave()), fc.boolean());
const inviting = invitees.map(([client, byOperator]): Rule => (call, nowMs) => {
  const there = legsOf(call).some(
    ({ clientId, status }) => clientId === client.clientId && status !== "left",
  );
  if (there) return { kind: "already", call, events: [] };
  const leg = invitation(client, { callers: [alice()], ringUntilMs: nowMs + 45_000, nowMs });
  return invite([leg], byOperator ? OLIVIA : undefined)(call, nowMs);
});

const OLIVIA = { sub: "sub-of-olivia", username: "olivia" };
const rules: fc.Arbitrary<Rule> = fc.oneof(
  fc.tuple(callees, devices).map(([leg, device]) => onLeg(leg, answer(leg, device))),
  fc.tuple(callees, devices).map(([leg, device]) => onLeg(leg, rejoin(leg, device))),
  fc.tuple(callees, devices).map(([leg, device]) => onLeg(leg, ring(leg, device))),
  fc.tuple(callees, devices).map(([leg, device]) => onLeg(leg, decline(leg, device))),
  fc.tuple(legs, devices).map(([leg, device]) => onLeg(leg, endLeg(leg, device))),
  fc.tuple(legs, fc.constantFrom(...END_REASONS)).map(([leg, reason]) => onLeg(leg, leaveAs(leg, reason))),
  inviting,
  legs.map((leg) => onLeg(leg, removePerson(leg, OLIVIA))),
  fc.constant(endForEverybody(OLIVIA)),
  fc.constant(admitAgain(CALLER, OLIVIA)),
  fc.constantFrom(...END_REASONS).map(endBy),
  legs.map((leg) => onLeg(leg, renewToken(leg))),
  fc
    .tuple(callees, fc.constantFrom(...PUSH_TYPES), outcomes)
    .map(([leg, type, each]) => onLeg(leg, recordPushes([{ leg, type, devices: each }]))),
  fc.constantFrom<Rule>(passTime, failAdmission, prepareTokens, (call, nowMs) =>
    call.status === "ended" ? closeCall(90)(call, nowMs) : passTime(call, nowMs),
  ),
);
const pauses = fc.oneof(fc.nat({ max: 20_000 }), fc.nat({ max: 200_000 }), fc.constant(4 * 3600 * 1000));
const begun = fc.constantFrom(
  calling(),
  calling({ callees: [bob(), carol()] }),
  calling({ callees: [bob(), carol({ doNotDisturbUntilMs: START_MS + 1 }), dave()] }),
);
const sequences = fc.tuple(begun, fc.array(fc.tuple(rules, pauses), { maxLength: 25 }));

interface Step {
  readonly before: Call;
  readonly decision: Decision;
  /** The call as it is stored after the step. */
  readonly call: Call;
  readonly nowMs: number;
}

function play([first, sequence]: readonly [Call, readonly (readonly [Rule, number])[]]): Step[] {
  let [call, nowMs] = [first, START_MS];
  return sequence.map(([rule, pauseMs]) => {
    nowMs += pauseMs;
    const before = call;
    const decision = rule(before, nowMs);
    if (decision.kind === "changed") call = decision.call;
    return { before, decision, call, nowMs };
  });
}

function always(check: (steps: Step[]) => void): void {
  fc.assert(
    fc.property(sequences, (sequence) => check(play(sequence))),
    { numRuns: 500 },
  );
}
const atEachStep = (check: (step: Step) => void): void => always((steps) => steps.forEach(check));

test("each change raises the version by one, and nothing else does (W1)", () => {
  atEachStep(({ before, decision, call }) => {
    const moved = decision.kind === "changed" ? 1 : 0;
    expect(call.version).toBe(before.version + moved);
    expect(decision.kind === "already" ? decision.call : before).toBe(before);
  });
});

/** Which clients are joined, called or gone. `invited` and `ringing` are the same to the workflow. */
const partsOf = (call: Call) =>
  legNumbers(call).map((leg) => {
    const { status, leftAtMs, ringUntilMs } = legOf(call, leg);
    return [leg, status === "ringing" ? "invited" : status, leftAtMs, status === "joined" ? 0 : ringUntilMs];
  });

test("the turn rises exactly when a leg joins, leaves or is called, or the call ends (W2)", () => {
  atEachStep(({ before, call }) => {
    const acted =
      JSON.stringify(partsOf(call)) !== JSON.stringify(partsOf(before)) ||
      (call.status !== before.status && call.status === "ended");
    expect(call.turn).toBe(before.turn + (acted ? 1 : 0));
    expect(call.turn).toBeLessThanOrEqual(call.version);
  });
});

test("each change that raises the turn publishes an event that wakes the workflow (W4)", () => {
  const waking: readonly string[] = WAKING_EVENTS;
  atEachStep(({ before, decision, call }) => {
    if (decision.kind !== "changed" || call.turn === before.turn) return;
    expect(decision.events.some(({ name }) => waking.includes(name))).toBe(true);
  });
});

test("a call ends once, and its end reason never changes", () => {
  atEachStep(({ before, call }) => {
    if (before.status !== "ended") return;
    expect([call.status, call.endReason, call.endedAtMs, partsOf(call)]).toEqual([
      "ended",
      before.endReason,
      before.endedAtMs,
      partsOf(before),
    ]);
  });
});

test("a call has an end reason and an end time exactly when it has ended", () => {
  atEachStep(({ call }) => {
    const over = call.status === "ended";
    expect([call.endReason !== undefined, call.endedAtMs !== undefined]).toEqual([over, over]);
  });
});

test("a leg has an end reason and an end time exactly when it has left, and all have in an ended call", () => {
  atEachStep(({ call }) => {
    for (const { status, leftAtMs, leftReason } of legsOf(call)) {
      const left = status === "left";
      expect([leftAtMs !== undefined, leftReason !== undefined]).toEqual([left, left]);
      expect(left || call.status !== "ended").toBe(true);
    }
  });
});

test("a call goes on exactly while one leg has joined and another has joined or still may", () => {
  atEachStep(({ call }) => {
    const joined = legsOf(call).filter(({ status }) => status === "joined").length;
    const living = legsOf(call).filter(({ status }) => status !== "left").length;
    expect(call.status !== "ended").toBe(joined > 0 && living > 1);
  });
});

test("the status is answered once a callee has joined, ringing while a leg rings, else calling", () => {
  always((steps) => {
    let answered = false;
    for (const { call } of steps) {
      answered ||= legsOf(call).some(({ role, status }) => role === "callee" && status === "joined");
      const rings = legsOf(call).some(({ status }) => status === "ringing");
      const living: CallStatus = answered ? "answered" : rings ? "ringing" : "calling";
      expect(call.status).toBe(call.endReason ? "ended" : living);
    }
  });
});

test("a silenced leg never joins the call", () => {
  atEachStep(({ call }) => {
    const there = legsOf(call).filter(({ silenced, status }) => silenced && status === "joined");
    expect(there).toEqual([]);
  });
});

/** An operator has removed Bob, and the caller, Carol and Dave are still in the call. */
const withoutBob = [answer(2, undefined), answer(3, undefined), removePerson(2, OLIVIA)].reduce(
  (call, rule) => after(call, rule, START_MS),
  calling({ callees: [bob(), carol(), dave()] }),
);

test("a removed person gets no token and no part until an operator adds them", () => {
  const soon = fc.array(fc.tuple(rules, fc.nat({ max: 2_000 })), { maxLength: 25 });
  fc.assert(
    fc.property(soon, (sequence) => {
      for (const { before, call } of play([withoutBob, sequence])) {
        for (const leg of legNumbers(call)) {
          const { sub, status, tokenCount } = legOf(call, leg);
          if (!isRemoved(call, sub)) continue;
          expect([status, tokenCount]).toEqual(["left", before.legs[leg]?.tokenCount]);
        }
        const addedByOperator = (call.operatorActs ?? []).some(({ act }) => act === "added");
        expect(addedByOperator || isRemoved(call, bob().sub)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("no token expires later than the stage rests", () => {
  always((steps) => {
    let latestMs = 0;
    for (const { call } of steps) {
      for (const leg of legNumbers(call).filter((one) => legOf(call, one).tokenCount > 0)) {
        latestMs = Math.max(
          latestMs,
          participantTokenClaims(participantOfLeg(call, leg), START_MS).exp * 1000,
        );
      }
      expect(tokensUntilMs(call)).toBeGreaterThanOrEqual(latestMs);
    }
  });
});

test("no two participant tokens have the same id", () => {
  always((steps) => {
    for (const { before, call } of steps) {
      for (const leg of legNumbers(before)) {
        expect(legOf(call, leg).tokenCount).toBeGreaterThanOrEqual(legOf(before, leg).tokenCount);
      }
    }
  });
});

test("every event of a change contains the call as the change left it (W7)", () => {
  atEachStep(({ decision }) => {
    if (decision.kind === "over" || decision.kind === "removed") return;
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

test("a call is read back as it was written", () => {
  atEachStep(({ call }) => expect(callSchema.parse(call)).toEqual(call));
});
