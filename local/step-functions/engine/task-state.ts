/**
 * Task: one attempt at a call, with its timeouts and, if it waits for a task token, the answer.
 *
 * K1 The token is registered before the call is made. An answer that comes before the call returns counts once
 *    TaskSubmitted has been written; if the call then fails, the failure counts.
 * K2 The first of answer, timeout and abort wins; from then on the token is dead.
 */
import type { Json, Shape } from "../../door.ts";
import { integrationOf, type Integration } from "../integrations/integration.ts";
import type { WaitingTask } from "../task-tokens.ts";
import { NOT_TRUNCATED } from "./history.ts";
import { limitedJson } from "./payload-limit.ts";
import { RUNTIME, StateError, TIMEOUT, errorDetails } from "./state-error.ts";
import { startTimer, untilAborted } from "./timer.ts";
import { evaluate, evaluateSeconds, record, type Visit } from "./visit.ts";

type Outcome = { output: Json } | { failure: StateError };

interface Limits {
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

interface Attempt {
  readonly visit: Visit;
  readonly integration: Integration;
  readonly limits: Limits;
  readonly task: WaitingTask | undefined;
  readonly arguments: Json;
}

export async function runTask(visit: Visit): Promise<Json> {
  const { scope, state } = visit;
  const integration = integrationOf(state.Resource ?? "");
  if (!integration) throw new StateError(RUNTIME, `The resource '${state.Resource}' is not supported.`);
  const task = integration.waitsForToken
    ? scope.engine.tokens.open(scope.execution.arn, scope.signal)
    : undefined;
  try {
    const taskToken = task ? { taskToken: task.token } : {};
    const limits = await limitsOf(visit);
    const given = await evaluate(visit, "Arguments", state.Arguments ?? {}, taskToken);
    const attempt = { visit, integration, limits, task, arguments: given };
    recordStart(attempt);
    return recordOutcome(attempt, await outcomeOf(attempt));
  } finally {
    task?.close();
  }
}

async function limitsOf(visit: Visit): Promise<Limits> {
  const seconds = async (field: "TimeoutSeconds" | "HeartbeatSeconds"): Promise<number | undefined> => {
    const template = visit.state[field];
    return template === undefined ? undefined : evaluateSeconds(visit, field, template, 1);
  };
  return {
    timeoutSeconds: await seconds("TimeoutSeconds"),
    heartbeatSeconds: await seconds("HeartbeatSeconds"),
  };
}

const resourceOf = ({ resource, resourceType }: Integration): Shape => ({ resource, resourceType });

function recordStart({ visit, integration, limits, arguments: given }: Attempt): void {
  const { timeoutSeconds, heartbeatSeconds } = limits;
  const parameters = limitedJson(given, visit.name);
  const scheduled = {
    ...resourceOf(integration),
    region: visit.scope.engine.door.region,
    parameters,
    ...(timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds }),
    ...(heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: heartbeatSeconds }),
  };
  record(visit.scope, "TaskScheduled", { taskScheduledEventDetails: scheduled });
  record(visit.scope, "TaskStarted", { taskStartedEventDetails: resourceOf(integration) });
}

async function outcomeOf(attempt: Attempt): Promise<Outcome> {
  const { visit, limits, task } = attempt;
  const { engine, signal } = visit.scope;
  const clock = engine.door.clock;
  const late = Promise.withResolvers<Outcome>();
  const expire = (byHeartbeat: boolean): void => {
    task?.close();
    late.resolve({ failure: new StateError(TIMEOUT, undefined, byHeartbeat) });
  };
  const timers = new Map<string, () => void>();
  const arm = (name: string, seconds: number | undefined): void => {
    timers.get(name)?.();
    if (seconds === undefined) return;
    timers.set(
      name,
      startTimer(clock, seconds * 1000, () => expire(name === "heartbeat")),
    );
  };
  arm("timeout", limits.timeoutSeconds);
  try {
    const called = await untilAborted(signal, Promise.race([callOf(attempt), late.promise]));
    if (!task || "failure" in called) return called;
    recordSubmission(attempt, called.output);
    const beat = (): void => arm("heartbeat", limits.heartbeatSeconds);
    task.onHeartbeat = beat;
    beat();
    return await untilAborted(signal, Promise.race([task.answer, late.promise]));
  } finally {
    for (const cancel of timers.values()) cancel();
  }
}

/** The call itself; what fails in it is an outcome, not an exception. */
async function callOf({ visit, integration, arguments: given }: Attempt): Promise<Outcome> {
  const { engine, execution } = visit.scope;
  try {
    return { output: await integration.call({ door: engine.door, execution, arguments: given as Shape }) };
  } catch (error) {
    if (error instanceof StateError) return { failure: error };
    throw error;
  }
}

function recordSubmission({ visit, integration }: Attempt, response: Json): void {
  const output = limitedJson(response, integration.resourceType);
  const details = { ...resourceOf(integration), output, outputDetails: NOT_TRUNCATED };
  record(visit.scope, "TaskSubmitted", { taskSubmittedEventDetails: details });
}

function recordOutcome({ visit, integration }: Attempt, outcome: Outcome): Json {
  const resource = resourceOf(integration);
  if ("output" in outcome) {
    const output = limitedJson(outcome.output, integration.resourceType);
    const details = { ...resource, output, outputDetails: NOT_TRUNCATED };
    record(visit.scope, "TaskSucceeded", { taskSucceededEventDetails: details });
    return outcome.output;
  }
  const details = { ...resource, ...errorDetails(outcome.failure) };
  if (outcome.failure.errorName === TIMEOUT) {
    record(visit.scope, "TaskTimedOut", { taskTimedOutEventDetails: details });
  } else {
    record(visit.scope, "TaskFailed", { taskFailedEventDetails: details });
  }
  throw outcome.failure;
}
