/** Parallel: its branches at once, each with its own variables; the first failure aborts the others. */
import type { Json } from "../../door.ts";
import { RUNTIME, StateError } from "./state-error.ts";
import { evaluate, record, type Scope, type Visit } from "./visit.ts";

type RunStates = (scope: Scope, startAt: string, input: Json) => Promise<Json>;

export async function runParallel(visit: Visit, runStates: RunStates): Promise<Json> {
  const { scope, state, input } = visit;
  const given = state.Arguments === undefined ? input : await evaluate(visit, "Arguments", state.Arguments);
  const startedEventId = record(scope, "ParallelStateStarted");
  const controller = new AbortController();
  const branches = (state.Branches ?? []).map((block): Scope => {
    const signal = AbortSignal.any([scope.signal, controller.signal]);
    return { ...scope, block, signal, chain: { last: startedEventId }, current: undefined };
  });
  const runs = branches.map(async (branch) => {
    const output = await runStates(branch, branch.block.StartAt, given);
    scope.chain.last = branch.chain.last;
    return output;
  });
  try {
    const outputs = await Promise.all(runs);
    record(scope, "ParallelStateSucceeded");
    return outputs;
  } catch (error) {
    controller.abort();
    await Promise.allSettled(runs);
    if (error instanceof StateError && error.errorName !== RUNTIME) recordFailure(scope, branches);
    throw error;
  }
}

function recordFailure(scope: Scope, branches: readonly Scope[]): void {
  for (const { current, chain, execution } of branches) {
    if (!current) continue;
    scope.signal.throwIfAborted();
    scope.chain.last = execution.history.add(chain, `${current.Type}StateAborted`);
  }
  record(scope, "ParallelStateFailed");
}
