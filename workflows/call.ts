/**
 * The life of a call: one Standard execution, named by the call's id, with input `{callId, calleeId}`. Read it downwards in the
 * order a call happens; the endings are last. Invariants W1 to W8: calls/rules.ts.
 *
 * AWS bills each state entered, so a wait leads on by itself: to what it hopes for when that happens, and by the errors that it
 * catches to the endings (calls/wake.ts). A Choice decides only after a function has read the call. The functions that
 * change the call publish its events; the states show how far it is.
 *
 * Nothing secret enters: `$call` is a WorkflowView (calls/snapshot.ts). `${…}` are filled by the stack.
 */
import { CALL_MOVED, type WaitError } from "../calls/wake.ts";
import { END_REASONS, type EndReason } from "../events/end-reason.ts";
import { invoke, jsonata, type State, waitForChange } from "./tasks.ts";

/** The state for each ending of the ring, which names what phones are told. */
const RING_ENDINGS: Readonly<Record<EndReason, string | undefined>> = {
  declined: "Declined",
  cancelled: "Cancelled",
  missed: "Missed",
  unreachable: "Unreachable",
  busy: "Busy",
  completed: undefined,
  dropped: undefined,
  removed: undefined,
  ended_by_operator: undefined,
  expired: undefined,
  failed: undefined,
};

/** By which state each side learns of the other endings, after phones that still ring have been told. */
const LAST_WORDS: Readonly<Record<EndReason, "Leg ended" | "Dropped">> = {
  dropped: "Dropped",
  completed: "Leg ended",
  declined: "Leg ended",
  cancelled: "Leg ended",
  missed: "Leg ended",
  unreachable: "Leg ended",
  busy: "Leg ended",
  removed: "Leg ended",
  ended_by_operator: "Leg ended",
  expired: "Leg ended",
  failed: "Leg ended",
};

const ended = (reason: string): string =>
  jsonata(`$call.snapshot.status = 'ended' and $call.snapshot.endReason = '${reason}'`);
const toEndings = (table: Readonly<Record<string, string | undefined>>): State[] =>
  Object.entries(table).flatMap(([reason, state]) =>
    state === undefined || state === "Leg ended" ? [] : [{ Condition: ended(reason), Next: state }],
  );
/** Of the unreachable, those whose phones were not tried. */
const toKeptSilent: State = {
  Condition: jsonata("$call.snapshot.endReason = 'unreachable' and $call.silenced"),
  Next: "Kept silent",
};
/** Over for any other reason. */
const toLegEnded: State = { Condition: jsonata("$call.snapshot.status = 'ended'"), Next: "Leg ended" };
const toRingingStopped: State = {
  Condition: jsonata("$call.snapshot.status = 'ended' and $call.phonesToTell"),
  Next: "Ringing stopped",
};

/** Endings of the ring that always lead to one state. `unreachable` has two: phones that were not tried are kept silent. */
const ringEndings = (["declined", "cancelled", "missed", "busy"] as const).map((reason) => ({
  of: [reason],
  next: RING_ENDINGS[reason] ?? "How did ringing end?",
}));
const otherErrors: WaitError[] = [
  CALL_MOVED,
  ...END_REASONS.filter((reason) => !ringEndings.some(({ of: [one] }) => one === reason)),
];

/** Tells a function which turn the workflow has followed, so that it publishes a change whose event may be lost (W7). */
const FOLLOWED: State = { callId: jsonata("$callId"), turn: jsonata("$call.turn") };
/** The callees whose phones are read beside the call, if a push seems due. */
const PHONES_OF = "[$call.legs[role = 'callee'].clientId]";
/** The same from the execution's input, which names no callee if a function of the earlier release has started it. */
const PHONES_OF_FIRST = "[$states.input.calleeId]";

/** Pushes the change to the callees' phones. The type of push follows from the call. */
const tellPhones = (comment: string, next = "Clean up", assign?: State): State =>
  invoke({
    run: "SendPush",
    comment,
    payload: jsonata(
      `$call.phonesToTell ? { 'callId': $callId, 'phonesOf': ${PHONES_OF} } : { 'callId': $callId }`,
    ),
    timeoutSeconds: 25,
    repeatable: false,
    ...(assign && { assign }),
    next,
    otherwise: { Next: next },
  });

/** Reads the call, writes what a deadline demands, and replies how the call stands. */
const look = (comment: string, next: string, otherwise: string): State =>
  invoke({
    run: "FollowCall",
    comment,
    payload: FOLLOWED,
    timeoutSeconds: 15,
    repeatable: true,
    next,
    otherwise: { Next: otherwise },
  });

/** Shows in the graph how far the call is. The function that changed the call has published the change. */
const milestone = (comment: string, next: string): State => ({ Type: "Pass", Comment: comment, Next: next });

/** The same in a call that goes on. If it has moved meanwhile, that is still to be acted on: the next wait fails. */
const tellPhonesAndGoOn = (comment: string, next: string): State =>
  tellPhones(comment, next, {
    call: jsonata("$merge([$states.result.Payload, { 'turn': $call.turn }])"),
  });

const states: Record<string, State> = {
  "Push sent": invoke({
    run: "SendPush",
    comment: "Tells the callee's phones to ring.",
    payload: { callId: jsonata("$states.input.callId"), phonesOf: jsonata(PHONES_OF_FIRST) },
    timeoutSeconds: 25,
    repeatable: false,
    // Nothing has been acted on yet: if the call has moved since, the first wait's condition fails.
    assign: {
      callId: jsonata("$states.input.callId"),
      call: jsonata("$merge([$states.result.Payload, { 'turn': 0 }])"),
    },
    next: "Token issued",
    otherwise: { Assign: { callId: jsonata("$states.input.callId") }, Next: "Failed" },
  }),
  "Token issued": invoke({
    run: "IssueToken",
    comment: "Prepares the callees' places on the stage while their phones ring.",
    timeoutSeconds: 15,
    repeatable: true,
    // What it replies is not acted on: `$call` stays as it was.
    assign: {},
    next: "Ringing",
    // An answer prepares it itself.
    otherwise: { Next: "Ringing" },
  }),
  Ringing: waitForChange({
    comment: "Waits until a callee answers or declines, the caller cancels, or the ring time is over.",
    hopesFor: "answer",
    woken: "Answered",
    errors: [...ringEndings, { of: otherErrors, next: "How did ringing end?" }],
    timeOver: "Missed",
    lookAgain: "Look again",
    otherwise: "Failed",
  }),
  "Look again": look(
    "The call had moved on before the wait began: looks where it is.",
    "How did ringing end?",
    "Failed",
  ),
  "How did ringing end?": {
    Type: "Choice",
    Choices: [
      {
        Condition: jsonata("$call.snapshot.status = 'answered' and $call.phonesToTell"),
        Next: "Answered elsewhere",
      },
      { Condition: jsonata("$call.snapshot.status = 'answered'"), Next: "Answered" },
      {
        Condition: jsonata("$call.snapshot.status != 'ended' and $call.phonesToTell"),
        Next: "Some phones told",
      },
      ...toEndings(RING_ENDINGS).flatMap((choice) =>
        choice["Next"] === "Unreachable" ? [toKeptSilent, choice] : [choice],
      ),
      toRingingStopped,
      ...toEndings(LAST_WORDS),
      toLegEnded,
    ],
    Default: "Ringing",
  },
  "Some phones told": tellPhonesAndGoOn(
    "Some callees declined, or more are called: their phones fall silent, or ring.",
    "Ringing",
  ),
  "Answered elsewhere": tellPhonesAndGoOn("The callee's other phones stop ringing.", "Answered"),
  Answered: milestone("Both sides may speak.", "In call"),
  "In call": waitForChange({
    comment: "Waits until a side hangs up, another person joins, or a deadline of the call is reached.",
    hopesFor: "end",
    woken: "Leg ended",
    errors: [
      { of: ["dropped"], next: "Dropped" },
      { of: [CALL_MOVED], next: "How did the call end?" },
    ],
    timeOver: "Still talking?",
    lookAgain: "Still talking?",
    otherwise: "Failed",
  }),
  "Still talking?": look(
    "Reads the call at least every hour. A call past its hard limit expires.",
    "How did the call end?",
    "Failed",
  ),
  "How did the call end?": {
    Type: "Choice",
    Choices: [
      toRingingStopped,
      ...toEndings(LAST_WORDS),
      toLegEnded,
      { Condition: jsonata("$call.phonesToTell"), Next: "Others told" },
    ],
    Default: "In call",
  },
  "Others told": tellPhonesAndGoOn(
    "A further callee is called, joined, declined or did not answer: phones ring, or fall silent.",
    "In call",
  ),

  "Ringing stopped": tellPhones("The call is over: phones that still ring fall silent.", "Leg ended"),
  "Leg ended": milestone("A side has hung up, or the call was ended for another reason.", "Clean up"),
  Dropped: milestone("A phone has vanished from the stage.", "Clean up"),
  Declined: tellPhones("The callee declined: its other phones stop ringing."),
  Cancelled: tellPhones("The caller gave up: the callee's phones stop ringing."),
  Missed: invoke({
    run: "SendPush",
    comment:
      "The ring time is over. If no callee has answered, the call is missed, and the callee's phones show that.",
    payload: { ...FOLLOWED, phonesOf: jsonata(PHONES_OF), ringIsOver: true },
    timeoutSeconds: 25,
    repeatable: false,
    next: "Is it over?",
    otherwise: { Next: "Not told" },
  }),
  "Not told": look("The pushes failed: the call is missed all the same.", "Is it over?", "Failed"),
  "Is it over?": {
    Type: "Choice",
    Comment: "A callee may have answered in the last moment, or may still be ringing.",
    Choices: [{ Condition: jsonata("$call.snapshot.status = 'ended'"), Next: "Clean up" }],
    Default: "How did ringing end?",
  },
  Busy: tellPhones("The callee is in another call: its phones show a missed call."),
  "Kept silent": {
    Type: "Pass",
    Comment:
      "The callee has blocked the caller, or does not want to be disturbed. The caller sees an unreachable phone.",
    Next: "Clean up",
  },
  Unreachable: { Type: "Pass", Comment: "Every device of the callee is gone for good.", Next: "Clean up" },
  Failed: invoke({
    run: "FollowCall",
    comment: "Something failed inside: the call ends instead of hanging.",
    // It is uncertain which turn the workflow has followed.
    payload: { callId: jsonata("$callId"), turn: 0, failed: true },
    timeoutSeconds: 15,
    repeatable: true,
    next: "Phones told",
    otherwise: { Next: "Not finished" },
  }),
  "Phones told": tellPhones("A phone that rings stops ringing."),
  "Clean up": invoke({
    run: "CloseStage",
    comment: "Frees the slots, lets the stage rest, and publishes the end of the call.",
    timeoutSeconds: 35,
    repeatable: true,
    next: "Call ended",
    otherwise: { Next: "Not finished" },
  }),
  "Call ended": {
    Type: "Succeed",
    Comment: "The call is over and holds nothing.",
    Output: { callId: jsonata("$callId"), endReason: jsonata("$call.snapshot.endReason") },
  },
  "Not finished": {
    Type: "Fail",
    Error: "CallNotFinished",
    Cause: "The call could not be cleaned up. The rule on failed executions runs the same clean-up.",
  },
};

/** The state machine in Amazon States Language, as data. */
export function callWorkflow(): State {
  return {
    Comment: "One call, from ring to clean-up",
    QueryLanguage: "JSONata",
    StartAt: "Push sent",
    States: states,
  };
}
