/**
 * An inline Map: iterations in the history of the execution itself, as many at once as MaxConcurrency allows.
 *
 * M1 An iteration follows the last state of the iteration whose place it takes; events about an iteration as a whole
 *    (succeeded, failed, aborted) precede no other event, except the last success, which the Map goes on from.
 * M2 The first iteration that fails aborts the others.
 */
import type { Json, Shape } from "../../local-aws.ts";
import { childScope, recordAborted, type InnerStates } from "./child-scope.ts";
import type { Chain } from "./history.ts";
import { RUNTIME, StateError } from "./state-error.ts";
import { evaluate, recordAside, type Scope, type Visit } from "./visit.ts";

/** AWS runs at most this many iterations of an inline Map at once. */
const MOST_AT_ONCE = 40;

interface InlineMap {
  readonly visit: Visit;
  readonly items: readonly Json[];
  readonly inner: InnerStates;
  readonly signal: AbortSignal;
  readonly children: (Scope | undefined)[];
  readonly isRedriven: boolean;
}

/** `most` is MaxConcurrency; 0 sets no limit. */
export async function runInlineMap(
  visit: Visit,
  items: readonly Json[],
  most: number,
  inner: InnerStates,
): Promise<Json> {
  const { scope } = visit;
  const lanes = Math.min(most === 0 ? MOST_AT_ONCE : most, MOST_AT_ONCE, items.length);
  const controller = new AbortController();
  const signal = AbortSignal.any([scope.signal, controller.signal]);
  const isRedriven = visit.redriven === true;
  const children = isRedriven ? (visit.children ?? []) : [];
  visit.redriven = false;
  visit.children = children;
  const map = { visit, items, inner, signal, children, isRedriven };
  const outputs: Json[] = [];
  const started = scope.chain.last;
  let next = 0;
  let failedChain: Chain | undefined;
  const runs = Array.from({ length: lanes }, async () => {
    const chain = { last: started };
    try {
      while (next < items.length) {
        const index = next++;
        outputs[index] = await iterate(map, index, chain);
      }
    } catch (error) {
      if (error instanceof StateError) failedChain ??= chain;
      controller.abort();
      throw error;
    }
  });
  try {
    await Promise.all(runs);
    recordAside(scope, scope.chain, "MapStateSucceeded");
    return outputs;
  } catch (error) {
    await Promise.allSettled(runs);
    if (failedChain) scope.chain.last = failedChain.last;
    if (error instanceof StateError && error.errorName !== RUNTIME) recordAbortions(map);
    throw error;
  }
}

async function iterate(map: InlineMap, index: number, chain: Chain): Promise<Json> {
  const { visit, isRedriven, children } = map;
  const existing = children[index];
  if (existing?.output !== undefined) return existing.output;
  map.signal.throwIfAborted();
  chain.last = recordAside(visit.scope, chain, "MapIterationStarted", detailsOf(visit, "Started", index));
  const child =
    isRedriven && existing?.visit ? redriven(map, existing, chain) : newIteration(map, index, chain);
  children[index] = child;
  // All iterations that can start do so before the first of them does anything.
  await Promise.resolve();
  try {
    const output = await outputOf(map, child, index);
    child.output = output;
    visit.scope.chain.last = recordAside(
      visit.scope,
      child.chain,
      "MapIterationSucceeded",
      detailsOf(visit, "Succeeded", index),
    );
    return output;
  } catch (error) {
    if (error instanceof StateError) {
      recordAside(visit.scope, child.chain, "MapIterationFailed", detailsOf(visit, "Failed", index));
      child.failed = true;
    }
    throw error;
  } finally {
    chain.last = child.chain.last;
  }
}

function newIteration({ visit, items, signal }: InlineMap, index: number, chain: Chain): Scope {
  const { scope, state } = visit;
  if (!state.ItemProcessor) throw new StateError(RUNTIME, "The Map has no ItemProcessor.");
  const item = { Index: index, Value: items[index] };
  return childScope(scope, { block: state.ItemProcessor, chain: { last: chain.last }, signal, item });
}

function redriven({ signal }: InlineMap, child: Scope, chain: Chain): Scope {
  child.signal = signal;
  child.chain.last = chain.last;
  child.failed = false;
  return child;
}

async function outputOf({ visit, items, inner }: InlineMap, child: Scope, index: number): Promise<Json> {
  if (child.visit) return inner.resume(child);
  const { ItemSelector: selector } = visit.state;
  const item = items[index] ?? null;
  const input =
    selector === undefined ? item : await evaluate({ ...visit, scope: child }, "ItemSelector", selector);
  return inner.run(child, child.block.StartAt, input);
}

const detailsOf = ({ name }: Visit, what: string, index: number): Shape => ({
  [`mapIteration${what}EventDetails`]: { index, name },
});

function recordAbortions({ visit, children }: InlineMap): void {
  for (const [index, child] of children.entries()) {
    if (!child || child.failed === true || child.output !== undefined) continue;
    recordAborted(visit.scope, child);
    recordAside(visit.scope, child.chain, "MapIterationAborted", detailsOf(visit, "Aborted", index));
  }
}
