/** Every event has the shape that the catalogue promises, and contains nothing private. */
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { busyCall, invitation } from "../../calls/admission.ts";
import type { Call } from "../../calls/call.ts";
import { recordPushes } from "../../calls/pushes.ts";
import {
  announce,
  announceInvitations,
  announceJoin,
  announceMove,
  announceLegEnds,
  announceToken,
  workflowView,
} from "../../calls/snapshot.ts";
import { answer } from "../../calls/answering.ts";
import { endLeg, passTime } from "../../calls/ending.ts";
import { invite } from "../../calls/invitation.ts";
import { prepareTokens } from "../../calls/participant-tokens.ts";
import { catalogue, type EventName, WAKING_EVENTS } from "../../events/catalogue.ts";
import { END_REASONS } from "../../events/end-reason.ts";
import type { Announcement } from "../../events/event.ts";
import {
  after,
  alice,
  answered,
  at,
  bob,
  BOBS_PHONE,
  BOBS_TABLET,
  CALL,
  CALLEE,
  CALLER,
  calling,
  carol,
  closed,
  completed,
  endedWhileRinging,
  MAX_CALL_SECONDS,
  ringing,
  waiting,
} from "../builders.ts";

const busy = busyCall({
  callId: CALL,
  caller: alice(),
  callees: [bob()],
  media: "video",
  maxCallSeconds: MAX_CALL_SECONDS,
  nowMs: at(0),
});
const THIRD = 3;
const carolsLeg = invitation(carol(), { callers: [alice()], ringUntilMs: at(65), nowMs: at(20) });
/** Carol is called while Alice and Bob talk. */
const invited = after(answered(), invite([carolsLeg]), at(20));
/** A call in each of its states. */
const states: readonly Call[] = [
  calling(),
  ringing(),
  after(ringing(), prepareTokens, at(3)),
  waiting(answered()),
  completed(),
  closed(),
  busy,
  invited,
  after(invited, answer(THIRD, undefined), at(30)),
  after(invited, endLeg(CALLER), at(30)),
  ...END_REASONS.map(endedWhileRinging),
];
const turningPoints = [
  "CallInitiated",
  "CallRinging",
  "CallAnswered",
  "CallDeclined",
  "CallCancelled",
  "CallEnded",
] as const;

const pushOutcomes = new Map([
  [BOBS_PHONE, { outcome: "accepted", channel: "GCM" }],
  [BOBS_TABLET, { outcome: "gone", channel: "APNS" }],
] as const);
function pushEvents(call: Call): readonly Announcement[] {
  const decision = recordPushes([{ leg: CALLEE, type: "incoming_call", devices: pushOutcomes }])(call, at(1));
  return "events" in decision ? decision.events : [];
}

const made: readonly Announcement[] = states.flatMap((call) => [
  ...turningPoints.flatMap((name) => announce(name, call)),
  ...[CALLER, CALLEE].flatMap((leg) => [...announceLegEnds(call, [leg]), announceToken(call, leg)]),
  ...pushEvents(call),
  ...announceJoin(call, CALLEE),
  ...announceMove(call, CALLEE),
  ...(call.legs[THIRD] ? [...announceJoin(call, THIRD), ...announceInvitations(call, [THIRD])] : []),
]);

const definitionOf = (name: string) => {
  const definition = catalogue[name as EventName];
  if (!definition) throw new Error(`event ${name} is not in the catalogue`);
  return definition;
};
/** The schema of an event, without further members. */
const strict = (name: string) => z.strictObject(definitionOf(name).schema.shape);

test("every event has exactly the shape in the catalogue", () => {
  const refused = made.flatMap(({ name, detail }) => {
    const { error } = strict(name).safeParse(JSON.parse(JSON.stringify(detail)));
    return error ? { name, issues: error.issues } : [];
  });
  expect(refused).toEqual([]);
});

test("every event of a call is published by a change in this test", () => {
  const names = new Set(made.map(({ name }) => name));
  expect(
    [...names, "ClientRegistered", "ClientUpdated", "ClientsDeleted", "StagePoolLow"].toSorted(),
  ).toEqual(Object.keys(catalogue).toSorted());
});

test("the events that the workflow publishes have the shape of a call's events", () => {
  for (const call of states) {
    const { snapshot, legs } = workflowView(call);
    expect(strict("CallEnded").parse(snapshot)).toEqual(snapshot);
    expect(legs.map((leg) => strict("LegUpdated").parse(leg))).toEqual(legs);
  }
});

describe("nothing private is published", () => {
  const PRIVATE = [
    ...[alice(), bob(), carol()].flatMap(({ sub, username }) => [sub, username]),
    "task-token",
    "wss:",
    "https:",
  ];

  test("no event and no view of the workflow contains an owner, a name, a token or a stage", () => {
    for (const said of [...made, ...states.map(workflowView)]) {
      const text = JSON.stringify(said);
      expect(PRIVATE.filter((secret) => text.includes(secret))).toEqual([]);
    }
  });

  test("no event has a field for one of these", () => {
    const fields = Object.values(catalogue).flatMap(({ schema }) => Object.keys(schema.shape));
    expect(fields.filter((field) => /^sub$|token|name|jwt|arn|endpoint/i.test(field))).toEqual([]);
  });
});

test("an event's key in the catalogue is its name, and its version is the one in the event", () => {
  for (const [key, { name, version, schema }] of Object.entries(catalogue)) {
    expect([name, schema.shape.v.def.values[0]]).toEqual([key, version]);
  }
});

test("the workflow is woken by the event that starts it, and when a client joins, is called or leaves", () => {
  const waking = [
    after(ringing(), endLeg(CALLEE), at(9)),
    after(ringing(), endLeg(CALLER), at(9)),
    completed(),
    after(ringing(), passTime, at(45)),
  ].map((call) => {
    const again = endLeg(CALLER)(call, at(100));
    return again.kind === "already" ? again.events[0]?.name : undefined;
  });
  expect(new Set<unknown>(WAKING_EVENTS)).toEqual(
    new Set(["CallInitiated", "CallAnswered", "LegInvited", "LegJoined", ...waking]),
  );
});

test("each side of a call hears of itself and of the other", () => {
  expect(announce("CallRinging", ringing()).slice(1)).toMatchObject([
    { detail: { leg: 1, clientId: alice().clientId, otherClientId: bob().clientId, legStatus: "joined" } },
    { detail: { leg: 2, clientId: bob().clientId, otherClientId: alice().clientId, legStatus: "ringing" } },
  ]);
});
