/** The definition of the call workflow: it is printed as committed, the validators accept it, and it is complete. */
import { readFileSync } from "node:fs";
import validate from "asl-validator";
import { describe, expect, test } from "vitest";
import { validateDefinition } from "../../packages/local-aws/src/step-functions/definition/validate-definition.ts";
import { CALL_MOVED } from "../../calls/wake.ts";
import { END_REASONS } from "../../events/end-reason.ts";
import { callWorkflow } from "../../workflows/call.ts";
import { print, printed } from "../../workflows/print.ts";

interface Transition {
  readonly Next: string;
}
interface StateJson {
  [field: string]: unknown;
  Type: string;
  Resource?: string;
  Arguments?: Record<string, unknown>;
  Next?: string;
  Default?: string;
  Choices?: readonly Transition[];
  Catch?: readonly (Transition & { readonly ErrorEquals: readonly string[] })[];
  Retry?: readonly Record<string, unknown>[];
}
interface Machine {
  readonly StartAt: string;
  readonly States: Record<string, StateJson>;
}

/** A copy that a test may change. */
const copy = (): Machine => structuredClone(callWorkflow()) as unknown as Machine;
const { States: states, StartAt: start } = copy();
const tasks = Object.entries(states).filter(([, { Type }]) => Type === "Task");
const waits = tasks.filter(([, { Resource }]) => Resource?.endsWith(".waitForTaskToken"));

const waysOut = ({ Next, Default, Choices = [], Catch = [] }: StateJson): string[] =>
  [Next, Default, ...[...Choices, ...Catch].map((way) => way.Next)].filter((next) => next !== undefined);

/** The states on any path from `from` that does not pass `closed`. */
function reachable(from: string, closed?: string): Set<string> {
  const seen = new Set<string>();
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name) || name === closed) continue;
    seen.add(name);
    open.push(...waysOut(states[name] as StateJson));
  }
  return seen;
}

test("the committed JSON equals the printed definition", () => {
  for (const [file, workflow] of Object.entries(printed)) {
    const committed = readFileSync(new URL(`../../workflows/${file}`, import.meta.url), "utf8");
    expect(committed, "npm run workflows:print").toBe(print(workflow));
  }
});

test("asl-validator accepts the definition", async () => {
  const { isValid, errors } = await validate(callWorkflow());
  expect(errors).toEqual([]);
  expect(isValid).toBe(true);
});

describe("the local validator", () => {
  test("finds no fault in the definition", () => {
    expect(validateDefinition(callWorkflow())).toEqual([]);
  });

  const stateOf = (machine: Machine, name: string): StateJson => machine.States[name] as StateJson;
  test.each<[string, (machine: Machine) => void, RegExp]>([
    [
      "a variable that no state assigns",
      (machine) => (stateOf(machine, "Declined")["Output"] = "{% $declinedBy %}"),
      /'\$declinedBy' is not assigned/,
    ],
    [
      "$eval",
      (machine) => (stateOf(machine, "Missed")["Output"] = "{% $eval('1') %}"),
      /\$eval is not available/,
    ],
    [
      "a Retry field that does not exist",
      (machine) => ((stateOf(machine, "Missed").Retry?.[0] ?? {})["Attempts"] = 3),
      /Field 'Attempts' is not supported at .*Missed\/Retry\[0\]/,
    ],
    [
      "States.ALL before the last catcher",
      (machine) => (stateOf(machine, "Ringing").Catch = [...(states["Ringing"]?.Catch ?? [])].toReversed()),
      /'States.ALL' must be the last one at .*Ringing\/Catch/,
    ],
    [
      "a task token in an integration that has none",
      (machine) =>
        (stateOf(machine, "Ringing").Resource = "arn:aws:states:::dynamodb:updateItem.waitForTaskToken"),
      /cannot wait for a task token at .*Ringing/,
    ],
  ])("finds %s", (_fault, spoil, finding) => {
    const machine = copy();
    spoil(machine);
    expect(validateDefinition(machine)).toEqual([expect.stringMatching(finding)]);
  });
});

test("every task has a timeout, a retry, and a catch of everything", () => {
  expect(tasks.length).toBeGreaterThan(10);
  const careless = tasks.filter(
    ([, { TimeoutSeconds, Retry = [], Catch = [] }]) =>
      TimeoutSeconds === undefined || Retry.length === 0 || Catch.at(-1)?.ErrorEquals.join() !== "States.ALL",
  );
  expect(careless).toEqual([]);
});

test("no retry repeats a wait after a timeout, or a push after a failure that may have reached phones", () => {
  const errorsRetried = (state: StateJson | undefined) =>
    (state?.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals as string[]);
  const phones = tasks.filter(([, { Arguments }]) => Arguments?.["FunctionName"] === "${SendPush}");
  expect([waits.length, phones.length]).toEqual([2, 10]);
  for (const [, state] of waits)
    expect(errorsRetried(state).filter((error) => !error.startsWith("DynamoDb."))).toEqual([]);
  for (const [, state] of phones)
    expect(errorsRetried(state).filter((error) => !error.startsWith("Lambda."))).toEqual([]);
});

describe("from every state of a call", () => {
  test("and only from the start, every state can be reached", () => {
    expect([...reachable(start)].toSorted()).toEqual(Object.keys(states).toSorted());
  });

  test("a path leads to the end of the call, except from a failed one", () => {
    const stuck = Object.keys(states).filter((name) => !reachable(name).has("Call ended"));
    expect(stuck).toEqual(["Not finished"]);
  });

  test("every path ends there, or in a failure that the rule on failed executions cleans up", () => {
    const ends = Object.entries(states).filter(([, state]) => waysOut(state).length === 0);
    expect(ends.map(([name]) => name)).toEqual(["Call ended", "Not finished"]);
    expect(states["Call ended"]).toMatchObject({ Type: "Succeed" });
    expect(states["Not finished"]).toMatchObject({ Type: "Fail" });
  });

  test("every path to the end passes the clean-up", () => {
    const around = Object.keys(states).filter((name) => reachable(name, "Clean up").has("Call ended"));
    expect(around).toEqual(["Call ended"]);
  });

  test("only an internal failure skips the clean-up, and then the execution fails", () => {
    const skipping = Object.keys(states).filter((name) =>
      waysOut(states[name] as StateJson).includes("Not finished"),
    );
    expect(skipping.toSorted()).toEqual(["Clean up", "Failed"]);
  });
});

describe("nothing secret enters the history", () => {
  test("a wait asks DynamoDB to return nothing", () => {
    const withValues = JSON.stringify(states).match(/"ReturnValues[A-Za-z]*":"[A-Z_]+"/g);
    expect(withValues).toEqual(waits.map(() => '"ReturnValues":"NONE"'));
    for (const [, { Arguments }] of tasks.filter(([, { Resource }]) => Resource?.includes("dynamodb")))
      expect(Arguments).toMatchObject({ ReturnValues: "NONE" });
  });

  test("a task token is written to the call and to nothing else", () => {
    const ofWaits = new Set(waits.map(([, { Arguments }]) => JSON.stringify(Arguments)));
    const elsewhere = Object.values(states)
      .flatMap((state) => Object.values(state).map((value) => JSON.stringify(value)))
      .filter((text) => /Task\.Token|taskToken/.test(text) && !ofWaits.has(text));
    expect(elsewhere).toEqual([]);
  });
});

test("an execution reads only the ids of the call and its callee from its input", () => {
  const inputs = JSON.stringify(states).match(/\$states\.input[.\w]*/g);
  expect(new Set(inputs)).toEqual(new Set(["$states.input.callId", "$states.input.calleeId"]));
});

test("each wait records the turn that the workflow has followed, if it is still the call's turn (W3)", () => {
  for (const [, { Arguments }] of waits) {
    expect(Arguments).toMatchObject({
      ConditionExpression: "turn = :turn",
      UpdateExpression: "SET taskToken = :token, waitTurn = :turn, waitsFor = :hope, sweepAtMs = deadlineMs",
    });
  }
});

test("a wait decides the next state itself: no Choice follows the outcome that it hopes for", () => {
  expect(waits.map(([name, { Next }]) => [name, Next])).toEqual([
    ["Ringing", "Answered"],
    ["In call", "Leg ended"],
  ]);
  const caught = (name: string) => (states[name]?.Catch ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
  expect(caught("Ringing")).toEqual(expect.arrayContaining([...END_REASONS, CALL_MOVED]));
  expect(caught("In call")).toEqual(expect.arrayContaining(["dropped", CALL_MOVED]));
});
