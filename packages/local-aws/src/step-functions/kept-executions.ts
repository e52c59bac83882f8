/**
 * What lasts of Standard executions: how each began and ended, and its history. What ran when the runtime was stopped cannot go on.
 *
 * K1 An execution that ran is there again with its machine, and is closed as ABORTED once the whole template stands, so that rules
 *    on its status see it.
 * K2 One is forgotten 90 days after its end, as on AWS, and with its machine.
 * K3 Children of a Map Run are not kept, nor is what a redrive would go on with.
 */
import type { Rows, Store } from "../store/store.ts";
import { type Ended, KEPT_MS } from "./engine/ending.ts";
import { aborted, createExecution, type Execution, type Machine } from "./engine/execution.ts";
import { forgetHistory, keptHistory } from "./engine/kept-history.ts";
import { announceEnd } from "./engine/run-execution.ts";
import { EXECUTIONS, type KeptExecution } from "./engine/kept-execution.ts";
import type { Engine } from "./engine/visit.ts";

const STOPPED = {
  error: "LocalRuntime.Stopped",
  cause: "The local runtime was stopped while this execution was running",
};

export interface KeptExecutions {
  /** Gives a machine its executions back. */
  restore(machine: Machine): void;
  /** Closes those that were running (K1). */
  closeInterrupted(): void;
}

export function keptExecutions(context: Engine): KeptExecutions {
  const { localAws } = context;
  const rows = localAws.store.rows(EXECUTIONS);
  const byMachine = rows ? groupedIn(rows, localAws.store, localAws.clock.now()) : new Map<string, Kept[]>();
  const interrupted: Execution[] = [];

  function execution(machine: Machine, { arn, earlier }: Kept): Execution {
    return createExecution({
      clock: localAws.clock,
      arn,
      name: earlier.name,
      machine,
      inputText: earlier.inputText,
      earlier,
      kept: keptHistory(localAws.store, arn),
      onEnd: (ended) => announceEnd(context, ended),
    });
  }

  return {
    restore(machine) {
      for (const kept of byMachine.get(machine.arn) ?? []) {
        const restored = execution(machine, kept);
        machine.executions.push(restored);
        machine.byName.set(restored.name, restored);
        if (!restored.ended) interrupted.push(restored);
      }
      byMachine.delete(machine.arn);
    },
    closeInterrupted() {
      for (const { arn } of [...byMachine.values()].flat()) forget(localAws.store, arn);
      for (const one of interrupted.splice(0)) one.end(aborted(STOPPED));
    },
  };
}

interface Kept {
  readonly arn: string;
  readonly earlier: KeptExecution;
}

function groupedIn(rows: Rows, store: Store, nowMs: number): Map<string, Kept[]> {
  const grouped = new Map<string, Kept[]>();
  for (const [arn, text] of rows.entries()) {
    const earlier = JSON.parse(text) as KeptExecution;
    if (isOver(earlier.ended, nowMs)) forget(store, arn);
    else grouped.set(earlier.machineArn, [...(grouped.get(earlier.machineArn) ?? []), { arn, earlier }]);
  }
  return grouped;
}

const isOver = (ended: Ended | undefined, nowMs: number): boolean =>
  ended !== undefined && nowMs - ended.atMs > KEPT_MS;

function forget(store: Store, arn: string): void {
  store.rows(EXECUTIONS)?.delete(arn);
  forgetHistory(store, arn);
}
