/** Parallel: its branches at once, each with its own variables; the first failure aborts the others. */
import type { Json } from "../../local-aws.ts";
import { childScope, recordAborted, type InnerStates } from "./child-scope.ts";
import { RUNTIME, StateError } from "./state-error.ts";
import { evaluate, record, recordAside, type Scope, type Visit } from "./visit.ts";

export async function runParallel(visit: Visit, inner: InnerStates): Promise<Json> {
  const { scope, state, input } = visit;
  const given = state.Arguments === undefined ? input : await evaluate(visit, "Arguments", state.Arguments);
  const controller = new AbortController();
  const isRedriven = visit.redriven === true;
  const branches = isRedriven ? redrivenBranches(visit, controller) : newBranches(visit, controller);
  let failed: Scope | undefined;
  const runs = branches.map(async (branch) => {
    try {
      const output = await outputOf(branch, given, isRedriven, inner);
      scope.chain.last = branch.chain.last;
      return output;
    } catch (error) {
      if (error instanceof StateError) failed ??= branch;
      controller.abort();
      throw error;
    }
  });
  try {
    const outputs = await Promise.all(runs);
    recordAside(scope, scope.chain, "ParallelStateSucceeded");
    return outputs;
  } catch (error) {
    await Promise.allSettled(runs);
    if (failed) scope.chain.last = failed.chain.last;
    if (error instanceof StateError && error.errorName !== RUNTIME) recordAbortions(scope, branches);
    throw error;
  }
}

function newBranches(visit: Visit, controller: AbortController): Scope[] {
  const { scope, state } = visit;
  const last = record(scope, "ParallelStateStarted");
  const signal = AbortSignal.any([scope.signal, controller.signal]);
  const branches = (state.Branches ?? []).map((block) =>
    childScope(scope, { block, signal, chain: { last } }),
  );
  visit.children = branches;
  return branches;
}

/** Only the branches that have not succeeded run again, each from the state that it was in. */
function redrivenBranches(visit: Visit, controller: AbortController): Scope[] {
  const { scope, children = [] } = visit;
  visit.redriven = false;
  return children.flatMap((branch) => {
    if (!branch) return [];
    branch.signal = AbortSignal.any([scope.signal, controller.signal]);
    branch.chain.last = scope.chain.last;
    return [branch];
  });
}

function outputOf(branch: Scope, input: Json, isRedriven: boolean, inner: InnerStates): Promise<Json> {
  if (branch.output !== undefined) return Promise.resolve(branch.output);
  return isRedriven && branch.visit ? inner.resume(branch) : inner.run(branch, branch.block.StartAt, input);
}

function recordAbortions(scope: Scope, branches: readonly Scope[]): void {
  for (const branch of branches) {
    const before = branch.chain.last;
    recordAborted(scope, branch);
    if (branch.chain.last !== before) scope.chain.last = branch.chain.last;
  }
}
