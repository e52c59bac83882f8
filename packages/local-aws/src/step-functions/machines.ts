/** The state machines and their executions, in memory. */
import { AwsError } from "../local-aws.ts";
import type { Execution, Machine } from "./engine/execution.ts";
import { createExpressions } from "./engine/expression.ts";
import { checkPresent } from "./operations/constraints.ts";
import { newId } from "./randomness.ts";
import { textOf } from "./wire-text.ts";

export type NewMachine = Pick<
  Machine,
  "arn" | "name" | "type" | "roleArn" | "definitionText" | "definition" | "createdAtMs" | "label"
>;
export type Revision = Partial<Pick<Machine, "roleArn" | "definitionText" | "definition">>;

export interface Machines {
  add(machine: NewMachine): Machine;
  /** Children of Map Runs have a state machine of their own, which no list shows. */
  addForMapRun(machine: NewMachine): Machine;
  /** A new revision; the old one stays with its executions. */
  update(machine: Machine, changes: Revision & { updatedAtMs: number }): Machine;
  /** Gone at once if nothing runs, else when the last execution has ended. */
  delete(arn: string): void;
  isDeleting(arn: string): boolean;
  /** To be called when an execution has ended. */
  forgetIfDeleted(arn: string): void;
  find(arn: string): Machine | undefined;
  get(arn: unknown): Machine;
  all(): readonly Machine[];
  execution(arn: unknown): Execution;
  /** Also an Express execution, if a Map Run has started it. */
  executionOfAnyType(arn: unknown): Execution;
}

export function createMachines(): Machines {
  const machines = new Map<string, Machine>();
  const ofMapRuns = new Map<string, Machine>();
  const deleting = new Set<string>();

  function get(arn: unknown): Machine {
    const text = checkedArn(arn, "stateMachine");
    const found = machines.get(text);
    if (found) return found;
    throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${text}'`);
  }

  function execution(arn: unknown): Execution {
    const text = checkedArn(arn, "execution");
    const machineArn = machineArnOf(text);
    const machine = machines.get(machineArn) ?? ofMapRuns.get(machineArn);
    const found = machine?.byName.get(text.split(":")[7] ?? "");
    if (found) return found;
    throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${text}'`);
  }

  function executionOfAnyType(arn: unknown): Execution {
    const text = String(arn);
    if (text.split(":")[5] !== "express") return execution(arn);
    const found = ofMapRuns.get(machineArnOf(text))?.byName.get(text.split(":")[7] ?? "");
    if (found) return found;
    // What it says of an Express execution that no Map Run has started.
    return execution(arn);
  }

  function addTo(all: Map<string, Machine>, machine: NewMachine): Machine {
    const added: Machine = {
      ...machine,
      expressions: createExpressions(),
      revisionId: newId(),
      executions: [],
      byName: new Map(),
      tags: new Map(),
    };
    all.set(added.arn, added);
    return added;
  }

  function forgetIfDeleted(arn: string): void {
    const isRunning = machines.get(arn)?.executions.some(({ ended }) => !ended);
    if (isRunning || !deleting.delete(arn)) return;
    machines.delete(arn);
  }

  return {
    get,
    execution,
    executionOfAnyType,
    forgetIfDeleted,
    find: (arn) => machines.get(arn) ?? ofMapRuns.get(arn),
    all: () => [...machines.values()],
    isDeleting: (arn) => deleting.has(arn),
    add: (machine) => addTo(machines, machine),
    addForMapRun(machine) {
      const earlier = ofMapRuns.get(machine.arn);
      const added = addTo(ofMapRuns, machine);
      // Runs with one label share the ARN: the children of each can still be found.
      for (const [name, child] of earlier?.byName ?? []) added.byName.set(name, child);
      return added;
    },
    update(machine, changes) {
      const updated = { ...machine, ...changes, expressions: createExpressions(), revisionId: newId() };
      machines.set(machine.arn, updated);
      return updated;
    },
    delete(arn) {
      if (!machines.has(arn)) return;
      deleting.add(arn);
      forgetIfDeleted(arn);
    },
  };
}

/** arn:aws:states:<region>:<account>:execution:<machine>:<name> → the machine's ARN. */
export function machineArnOf(executionArn: string): string {
  return executionArn
    .split(":")
    .slice(0, 7)
    .join(":")
    .replace(/:(?:execution|express):/, ":stateMachine:");
}

/** Throws InvalidArn in AWS's words. */
export function checkedArn(
  arn: unknown,
  kind: "stateMachine" | "execution" | "mapRun",
  member = `${kind}Arn`,
): string {
  checkPresent(member, arn);
  const text = textOf(arn);
  const parts = text.split(":");
  if (parts[0] !== "arn" || parts.length < 7) {
    throw new AwsError("InvalidArn", `Invalid Arn: 'Invalid ARN prefix: ${text}'`);
  }
  if (parts[2] === "states" && parts[5] === kind) return text;
  const type = parts[5] ?? "";
  throw new AwsError("InvalidArn", `Invalid Arn: 'Resource type not valid in this context: ${type}'`);
}
