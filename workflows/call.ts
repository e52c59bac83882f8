/**
 * The life of a call: one Standard execution, named by the call's id, with input `{callId, calleeId}`. Read it downwards in the
 * order a call happens; the endings are last. Invariants W1 to W8: calls/rules.ts.
 *
 * Each state entered is paid for. So a wait leads on by itself: to what it hopes for when that happens, and by the errors that it
 * catches to the endings (calls/wake.ts). A Choice decides only where a function has looked. Events are published by the
 * functions that change the call; the states say how far it is.
 *
 * Nothing secret enters: `$call` is a WorkflowView (calls/snapshot.ts). `${…}` are filled by the stack.
 */
import { CALL_MOVED, type WaitError } from "../calls/wake.ts";
import { END_REASONS, type EndReason } from "../events/end-reason.ts";
import { invoke, jsonata, type State, waitForChange } from "./tasks.ts";

/** The state of its own that an ending of the ring has: it says what phones are told. */
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

/** Endings of the ring that lead to one state, whatever else is true of the call. Phones that were not tried are not unreachable. */
const ringEndings = (["declined", "cancelled", "missed", "busy"] as const).map((reason) => ({
  of: [reason],
  next: RING_ENDINGS[reason] ?? "How did ringing end?",
}));
const otherErrors: WaitError[] = [
  CALL_MOVED,
  ...END_REASONS.filter((reason) => !ringEndings.some(({ of: [one] }) => one === reason)),
];

/** Functions are told what the workflow has followed, so that they tell of what nobody may have told (W7). */
const FOLLOWED: State = { callId: jsonata("$callId"), turn: jsonata("$call.turn") };
/** Whose phones are read beside the call, if a push is due by what is known. */
const PHONES_OF = "[$call.legs[role = 'callee'].clientId]";
/** The same by what the execution begins with, which names no callee if a function of the release before has started it. */
const PHONES_OF_FIRST = "[$states.input.calleeId]";

/** Phones of callees have to hear of it. What they are told follows from the call. */
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

/** A look at the call: writes what a deadline demands, and replies how the call stands. */
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

/** Where the reader of the graph sees how far the call is; whoever changed the call has published it. */
const milestone = (comment: string, next: string): State => ({ Type: "Pass", Comment: comment, Next: next });

/** The same in a call that goes on. If it has moved meanwhile, that is still to be acted on: the next wait fails. */
const tellPhonesAndGoOn = (comment: string, next: string): State =>
  tellPhones(comment, next, {
    call: jsonata("$merge([$states.result.Payload, { 'turn': $call.turn }])"),
  });

const states: Record<string, State> = {
  "Push sent": invoke({
    run: "SendPush",
    comment: "The callee's phones are told to ring.",
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
    comment: "The callees' places on the stage are prepared while their phones ring.",
    timeoutSeconds: 15,
    repeatable: true,
    // What it replies is not acted on: `$call` stays as it was.
    assign: {},
    next: "Ringing",
    // An answer prepares it itself.
    otherwise: { Next: "Ringing" },
  }),
  Ringing: waitForChange({
    comment: "Until a callee answers or declines, the caller cancels, or the ring time is over.",
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
    "Some of those who are called said no, or more are called: phones fall silent, or ring.",
    "Ringing",
  ),
  "Answered elsewhere": tellPhonesAndGoOn("Other phones of who answered stop ringing.", "Answered"),
  Answered: milestone("Both sides may speak.", "In call"),
  "In call": waitForChange({
    comment: "Until a side hangs up, somebody joins, or a deadline of the call is reached.",
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
    "Looks at the call, every hour at least; one past its hard limit expires.",
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
    "Somebody else is called, joined, said no or did not answer: phones ring, or fall silent.",
    "In call",
  ),

  "Ringing stopped": tellPhones("The call is over: phones that still ring fall silent.", "Leg ended"),
  "Leg ended": milestone("A side has hung up, or somebody else has ended the call.", "Clean up"),
  Dropped: milestone("A phone is gone without a word.", "Clean up"),
  Declined: tellPhones("The callee said no: its other phones stop ringing."),
  Cancelled: tellPhones("The caller gave up: the callee's phones stop ringing."),
  Missed: invoke({
    run: "SendPush",
    comment:
      "The ring time is over: the call is missed if nobody has answered, and the callee's phones show that.",
    payload: { ...FOLLOWED, phonesOf: jsonata(PHONES_OF), ringIsOver: true },
    timeoutSeconds: 25,
    repeatable: false,
    next: "Is it over?",
    otherwise: { Next: "Not told" },
  }),
  "Not told": look("Phones could not be told: the call is missed all the same.", "Is it over?", "Failed"),
  "Is it over?": {
    Type: "Choice",
    Comment: "Somebody may have answered in the last moment, or is still called.",
    Choices: [{ Condition: jsonata("$call.snapshot.status = 'ended'"), Next: "Clean up" }],
    Default: "How did ringing end?",
  },
  Busy: tellPhones("The callee is in another call: its phones show a missed call."),
  "Kept silent": {
    Type: "Pass",
    Comment: "The callee blocks the caller or is not to be disturbed. The caller sees an unreachable phone.",
    Next: "Clean up",
  },
  Unreachable: { Type: "Pass", Comment: "Every device of the callee is gone for good.", Next: "Clean up" },
  Failed: invoke({
    run: "FollowCall",
    comment: "Something inside went wrong: the call ends rather than hangs.",
    // What it has followed is not sure.
    payload: { callId: jsonata("$callId"), turn: 0, failed: true },
    timeoutSeconds: 15,
    repeatable: true,
    next: "Phones told",
    otherwise: { Next: "Not finished" },
  }),
  "Phones told": tellPhones("A phone that rings stops ringing."),
  "Clean up": invoke({
    run: "CloseStage",
    comment: "Slots are freed, the stage rests, and the end of the call is published.",
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
