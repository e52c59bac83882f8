/** Branches of a Parallel and iterations of a Map: sets of states that run inside a state. */
import type { Json, Shape } from "../../local-aws.ts";
import type { StatesBlock } from "../definition/definition.ts";
import type { Chain } from "./history.ts";
import { recordAside, type Scope } from "./visit.ts";

export interface InnerStates {
  run(scope: Scope, startAt: string, input: Json): Promise<Json>;
  /** Goes on with a scope that has failed. */
  resume(scope: Scope): Promise<Json>;
}

export interface NewChild {
  readonly block: StatesBlock;
  readonly chain: Chain;
  readonly signal: AbortSignal;
  readonly item?: Shape;
}

/** Variables of the outer scope can be read, its own stay its own. */
export const childScope = (scope: Scope, { item = scope.item, ...child }: NewChild): Scope => {
  const { output: _output, failed: _failed, ...outer } = scope;
  return { ...outer, ...child, item, visit: undefined };
};

/** Types of states for which AWS has an event that says they were aborted. */
const ABORTABLE: readonly string[] = ["Task", "Wait", "Parallel", "Map"];

/** Writes that the state which `child` is in was aborted. */
export function recordAborted(scope: Scope, { visit, chain }: Scope): void {
  if (visit && ABORTABLE.includes(visit.state.Type)) {
    chain.last = recordAside(scope, chain, `${visit.state.Type}StateAborted`);
  }
}
