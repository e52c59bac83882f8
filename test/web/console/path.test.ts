/** The path of an execution, read from histories that AWS has recorded or documents. */
import { expect, test } from "vitest";
import assignInCatch from "../../../packages/local-aws/test/step-functions-recorded/assign-in-catch.json" with { type: "json" };
import callbackSuccess from "../../../packages/local-aws/test/step-functions-recorded/callback-success.json" with { type: "json" };
import callbackTimeout from "../../../packages/local-aws/test/step-functions-recorded/callback-timeout.json" with { type: "json" };
import choice from "../../../packages/local-aws/test/step-functions-recorded/choice.json" with { type: "json" };
import mapItems from "../../../packages/local-aws/test/step-functions-recorded/map-items-not-an-array.json" with { type: "json" };
import catchWithRetry from "../../../packages/local-aws/test/step-functions-recorded/task-catch-with-retry.json" with { type: "json" };
import { pathOf } from "../../../web/console/state/path.ts";
import { enters, fails, history, leaves, recordedHistory } from "./histories.ts";

const outcomes = (events: Parameters<typeof pathOf>[0]): string[] =>
  pathOf(events).visits.map(({ name, outcome }) => `${name} ${outcome}`);

test("states are in the order of their entry, each with the state before it", () => {
  const { visits, steps, here } = pathOf(recordedHistory(choice));
  expect(visits.map(({ name, order }) => [order, name])).toEqual([
    [1, "ChoiceStateX"],
    [2, "ValueInTwenties"],
  ]);
  expect(steps).toEqual([{ from: "ChoiceStateX", to: "ValueInTwenties", atMs: 3000, caught: false }]);
  expect(here).toEqual([]);
});

test("a retry is another attempt of the same visit, and a caught error leads on", () => {
  const { visits, steps } = pathOf(recordedHistory(catchWithRetry));
  expect(visits.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(["Task caught", "Fallback left"]);
  expect(visits[0]).toMatchObject({
    attempts: [2000, 5000],
    errors: [{ error: "Exception" }, { error: "Exception" }],
  });
  expect(steps).toMatchObject([{ from: "Task", to: "Fallback", caught: true }]);
});

test("a caught error without a retry leads on too", () => {
  expect(outcomes(recordedHistory(assignInCatch))).toEqual(["Task caught", "fallback left"]);
});

test("a wait with a callback counts as left", () => {
  expect(outcomes(recordedHistory(callbackSuccess))).toEqual(["SendMessageWithWait left"]);
});

test("a state with an uncaught error has failed", () => {
  expect(outcomes(recordedHistory(callbackTimeout))).toEqual(["SendMessageWithWaitAndTimeout failed"]);
  expect(pathOf(recordedHistory(callbackTimeout)).visits[0]?.errors).toMatchObject([
    { error: "States.Timeout" },
  ]);
});

test("an expression that fails belongs to the last state that was entered", () => {
  const { visits } = pathOf(recordedHistory(mapItems));
  expect(visits).toMatchObject([
    { name: "MapIterateState", outcome: "failed", errors: [{ error: "States.QueryEvaluationError" }] },
  ]);
});

test("a running execution is in the states that it has entered and not left", () => {
  const running = history(
    ["ExecutionStarted"],
    enters("Task", "Push sent", 0),
    ["TaskScheduled"],
    leaves("Task", "Push sent"),
    enters("Task", "Ringing"),
    ["TaskScheduled"],
  );
  expect(pathOf(running)).toMatchObject({
    here: ["Ringing"],
    visits: [{}, { enteredAtMs: 4000, outcome: "here" }],
  });
  expect(pathOf(running).visits[1]).not.toHaveProperty("leftAtMs");
});

test("a stopped execution has stopped in its last states", () => {
  expect(outcomes(history(["ExecutionStarted"], enters("Task", "Ringing", 0), ["ExecutionAborted"]))).toEqual(
    ["Ringing stopped"],
  );
});

test("a redrive continues with the visit that had failed", () => {
  const { visits, here } = pathOf(
    history(
      ["ExecutionStarted"],
      enters("Task", "Report", 0),
      ["TaskScheduled"],
      fails("States.TaskFailed"),
      ["ExecutionFailed"],
      ["ExecutionRedriven"],
      ["TaskScheduled"],
      ["TaskSucceeded"],
      leaves("Task", "Report"),
      enters("Succeed", "Done"),
    ),
  );
  expect(visits).toMatchObject([
    { name: "Report", outcome: "left", redrives: 1, attempts: [2000, 6000], leftAtMs: 8000 },
    { name: "Done", outcome: "here" },
  ]);
  expect(here).toEqual(["Done"]);
});

test("states inside a Map belong to it, and the next state follows the Map", () => {
  const { visits, steps } = pathOf(
    history(
      ["ExecutionStarted"],
      enters("Map", "Each", 0),
      ["MapStateStarted", { length: 2 }],
      ["MapIterationStarted", { name: "Each", index: 0 }, 3],
      enters("Pass", "One", 4),
      leaves("Pass", "One"),
      ["MapIterationSucceeded", { name: "Each", index: 0 }, 6],
      ["MapIterationStarted", { name: "Each", index: 1 }, 3],
      enters("Pass", "One", 8),
      leaves("Pass", "One"),
      ["MapIterationSucceeded", { name: "Each", index: 1 }, 10],
      ["MapStateSucceeded", undefined, 11],
      leaves("Map", "Each"),
      enters("Succeed", "Done"),
    ),
  );
  expect(visits.map(({ name, inside, outcome }) => [name, inside, outcome])).toEqual([
    ["Each", undefined, "left"],
    ["One", 1, "left"],
    ["One", 1, "left"],
    ["Done", undefined, "here"],
  ]);
  expect(steps).toEqual([{ from: "Each", to: "Done", atMs: 13_000, caught: false }]);
});

test("a branch that fails stops the other branches, and the Parallel's error is caught", () => {
  const { visits, steps } = pathOf(
    history(
      ["ExecutionStarted"],
      enters("Parallel", "Both", 0),
      ["ParallelStateStarted"],
      enters("Task", "Left", 3),
      enters("Task", "Right", 3),
      ["TaskScheduled", undefined, 4],
      ["TaskFailed", { error: "Exception" }, 6],
      ["TaskStateAborted", undefined, 5],
      ["ParallelStateFailed", undefined, 7],
      leaves("Parallel", "Both"),
      enters("Pass", "Fallback"),
    ),
  );
  expect(visits.map(({ name, inside, outcome }) => [name, inside, outcome])).toEqual([
    ["Both", undefined, "caught"],
    ["Left", 1, "failed"],
    ["Right", 1, "stopped"],
    ["Fallback", undefined, "here"],
  ]);
  expect(steps).toMatchObject([{ from: "Both", to: "Fallback", caught: true }]);
});
