/** TestState: one state, alone or out of a definition, with a mock in place of what it would call. */
import { AwsError, type Json, type Operation, type Shape } from "../../local-aws.ts";
import { isObject, type State } from "../definition/definition.ts";
import type { Engine } from "../engine/visit.ts";
import { exitByCatch } from "../engine/run-states.ts";
import { delaySeconds } from "../engine/retry.ts";
import { StateError, errorDetails, matchesError } from "../engine/state-error.ts";
import type { Exit } from "../engine/exit.ts";
import { textOf } from "../wire-text.ts";
import { checkEnum } from "./constraints.ts";
import { checkInput } from "./execution-input.ts";
import { checkMockedContext } from "./mocked-context.ts";
import { openStateTest, type StateTest } from "./state-test.ts";
import { checkMock, mockOf } from "./mock-result.ts";
import { testedState } from "./tested-state.ts";

const LEVELS = ["INFO", "DEBUG", "TRACE"] as const;

export const testState = (engine: Engine): Operation => ({
  waits: true,
  permissions: () => [{ action: "states:TestState", resource: "*" }],
  quota: { perSecond: 10, burst: 50 },
  async run(input) {
    const level = checkEnum("inspectionLevel", input["inspectionLevel"], LEVELS) ?? "INFO";
    const mock = mockOf(input["mock"], input["revealSecrets"] === true);
    const tested = testedState(input, mock !== undefined);
    checkRole(tested.state, input, mock !== undefined);
    if (mock) checkMock(tested.state, mock);
    const test = openStateTest(engine, {
      ...tested,
      mock,
      roleArn: textOf(input["roleArn"] ?? ""),
      inputText: checkInput(input["input"]),
      variables: variablesOf(textOf(input["variables"] ?? "{}")),
      configuration: (input["stateConfiguration"] ?? {}) as Shape,
      context: checkMockedContext(input["context"], tested.state),
    });
    const reply = await replyOf(test);
    const { inspectionData, ...visible } = reply;
    return level === "INFO" ? visible : { ...visible, inspectionData };
  },
});

function variablesOf(text: string): Record<string, Json> {
  try {
    const parsed = JSON.parse(text) as Json;
    if (isObject(parsed)) return parsed;
  } catch {
    // Refused below like any other text that is no object.
  }
  throw new AwsError("ValidationException", "Variables must be a JSON object");
}

function checkRole({ Type: type }: State, { roleArn }: Shape, isMocked: boolean): void {
  if (type !== "Task" || isMocked || roleArn !== undefined) return;
  throw new AwsError("ValidationException", "RoleArn must be specified when testing a Task state");
}

async function replyOf(test: StateTest): Promise<Shape> {
  try {
    const exit = await test.attempt();
    return {
      output: test.outputText(exit),
      ...nextOf(exit),
      status: "SUCCEEDED",
      inspectionData: test.inspectionData(exit),
    };
  } catch (error) {
    if (error instanceof StateError) return failureReply(test, error);
    throw error;
  }
}

const nextOf = ({ next }: Exit): Shape => (next === undefined ? {} : { nextState: next });

/** A retry comes before a catch, as long as its retrier has attempts left. */
async function failureReply(test: StateTest, error: StateError): Promise<Shape> {
  const { visit, configuration } = test;
  const failed = errorDetails(error);
  const { Retry: retriers = [], Catch: catchers = [] } = visit.state;
  const retryIndex = retriers.findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, error));
  const retrier = retriers[retryIndex];
  const done = Number(configuration["retrierRetryCount"] ?? 0);
  if (retrier && done < (retrier.MaxAttempts ?? 3)) {
    const errorDetails = { retryIndex, retryBackoffIntervalSeconds: delaySeconds(retrier, done) };
    return { ...failed, status: "RETRIABLE", inspectionData: { ...test.inspectionData(), errorDetails } };
  }
  const caught = await exitByCatch(visit, error);
  if (!caught) return { ...failed, status: "FAILED", inspectionData: test.inspectionData() };
  const catchIndex = catchers.findIndex(({ ErrorEquals }) => matchesError(ErrorEquals, error));
  return {
    ...failed,
    output: JSON.stringify(caught.output),
    ...nextOf(caught),
    status: "CAUGHT_ERROR",
    inspectionData: { ...test.inspectionData(caught), errorDetails: { catchIndex } },
  };
}
