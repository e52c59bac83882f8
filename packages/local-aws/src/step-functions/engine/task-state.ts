/**
 * Task: one attempt at a call, with its timeouts and, if it waits for a task token, the answer.
 *
 * K1 The token is registered before the call is made. An answer that comes before the call returns counts once
 *    TaskSubmitted has been written; if the call then fails, the failure counts.
 * K2 The first of answer, timeout and abort wins; from then on the token is dead.
 */
import type { Json, Shape } from "../../local-aws.ts";
import { isObject } from "../definition/definition.ts";
import { integrationOf, type Integration } from "../integrations/integration.ts";
import type { WaitingTask } from "../task-tokens.ts";
import { limitedJson } from "./payload-limit.ts";
import { RUNTIME, StateError, TIMEOUT } from "./state-error.ts";
import { type Limits, taskEvents } from "./task-events.ts";
import { startTimer, untilAborted } from "./timer.ts";
import { evaluate, evaluateAs, evaluateSeconds, refuseType, type Visit } from "./visit.ts";

type Outcome = { output: Json } | { failure: StateError };

export interface Attempt {
  readonly visit: Visit;
  readonly integration: Integration;
  readonly limits: Limits;
  readonly task: WaitingTask | undefined;
  readonly arguments: Json;
  /** The role of the state's Credentials. */
  readonly roleArn: string | undefined;
}

export async function runTask(visit: Visit): Promise<Json> {
  const { scope, state } = visit;
  const integration = integrationOf(state.Resource ?? "");
  if (!integration) throw new StateError(RUNTIME, `The resource '${state.Resource}' is not supported.`);
  const task = integration.waitsForToken
    ? scope.engine.tokens.open(scope.execution.arn, scope.signal)
    : undefined;
  try {
    const limits = await limitsOf(visit);
    const given = await argumentsOf(visit, integration, task?.token);
    const roleArn = await credentialsOf(visit);
    const attempt = { visit, integration, limits, task, arguments: given, roleArn };
    taskEvents(scope, integration).started(limitedJson(given, visit.name), limits, roleArn);
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

async function credentialsOf(visit: Visit): Promise<string | undefined> {
  const { Credentials: credentials } = visit.state;
  return credentials && evaluateAs(visit, "Credentials/RoleArn", credentials.RoleArn, "string");
}

/** Without Arguments a function gets the state's input, an API nothing. */
export async function argumentsOf(visit: Visit, integration: Integration, taskToken?: string): Promise<Json> {
  const { state, input } = visit;
  const { Arguments: template } = state;
  if (template === undefined) return integration.functionArn ? input : {};
  const given = await evaluate(visit, "Arguments", template, taskToken === undefined ? {} : { taskToken });
  if (integration.functionArn || isObject(given)) return given;
  throw refuseType(visit, "Arguments", template, "object", given);
}

async function outcomeOf(attempt: Attempt): Promise<Outcome> {
  const { visit, integration, limits, task } = attempt;
  const { engine, signal } = visit.scope;
  const clock = engine.localAws.clock;
  const late = Promise.withResolvers<Outcome>();
  const over = new AbortController();
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
    if ("failure" in called || !(task || integration.untilDone)) return called;
    taskEvents(visit.scope, integration).submitted(limitedJson(called.output, integration.resourceType));
    if (integration.untilDone) return await Promise.race([jobOf(attempt, called.output, over), late.promise]);
    if (!task) return called;
    const beat = (): void => arm("heartbeat", limits.heartbeatSeconds);
    task.onHeartbeat = beat;
    beat();
    return await untilAborted(signal, Promise.race([task.answer, late.promise]));
  } finally {
    for (const cancel of timers.values()) cancel();
    over.abort();
  }
}

/** Waits for what the call has started; the started execution is stopped if the task ends first. */
function jobOf(attempt: Attempt, started: Json, over: AbortController): Promise<Outcome> {
  const { visit, integration, arguments: given, roleArn } = attempt;
  const { engine, execution } = visit.scope;
  const { localAws, machines } = engine;
  const signal = AbortSignal.any([visit.scope.signal, over.signal]);
  const job = { localAws, machines, execution, signal, arguments: given as Shape, roleArn };
  const work = integration.untilDone?.(job, started) ?? Promise.resolve(started);
  return outcomeAs(work);
}

/** The call itself; what fails in it is an outcome, not an exception. */
async function callOf(attempt: Attempt): Promise<Outcome> {
  const { engine, execution } = attempt.visit.scope;
  const { arguments: given, roleArn, integration } = attempt;
  const call = { localAws: engine.localAws, execution, arguments: given as Shape, roleArn };
  return outcomeAs(integration.call(call));
}

async function outcomeAs(work: Promise<Json>): Promise<Outcome> {
  try {
    return { output: await work };
  } catch (error) {
    if (error instanceof StateError) return { failure: error };
    throw error;
  }
}

/** A result that is too large fails the task. */
function recordOutcome({ visit, integration }: Attempt, outcome: Outcome): Json {
  const events = taskEvents(visit.scope, integration);
  try {
    if ("failure" in outcome) throw outcome.failure;
    events.succeeded(limitedJson(outcome.output, integration.resourceType));
    return outcome.output;
  } catch (error) {
    if (error instanceof StateError && error.errorName === TIMEOUT) events.timedOut(error);
    else if (error instanceof StateError) events.failed(error);
    throw error;
  }
}
