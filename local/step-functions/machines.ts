/** The state machines and their executions, in memory. */
import type { Definition } from "./definition/definition.ts";
import { AwsError } from "../door.ts";
import type { Execution } from "./engine/execution.ts";
import { createExpressions, type Expressions } from "./engine/expression.ts";
import { newId } from "./randomness.ts";

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definitionText: string;
  readonly definition: Definition;
  readonly expressions: Expressions;
  readonly revisionId: string;
  readonly createdAtMs: number;
  /** In the order of their starts. */
  readonly executions: Execution[];
  /** The latest execution of each name. */
  readonly byName: Map<string, Execution>;
}

export interface NewMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definitionText: string;
  readonly definition: Definition;
  readonly createdAtMs: number;
}

export interface Machines {
  add(machine: NewMachine): Machine;
  find(arn: string): Machine | undefined;
  get(arn: unknown): Machine;
  all(): readonly Machine[];
  execution(arn: unknown): Execution;
}

export function createMachines(): Machines {
  const machines = new Map<string, Machine>();

  function get(arn: unknown): Machine {
    const text = checkedArn(arn, "stateMachine");
    const found = machines.get(text);
    if (found) return found;
    throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${text}'`);
  }

  function execution(arn: unknown): Execution {
    const text = checkedArn(arn, "execution");
    const machine = machines.get(machineArnOf(text));
    const found = machine?.byName.get(text.split(":")[7] ?? "");
    if (found) return found;
    throw new AwsError("ExecutionDoesNotExist", `Execution Does Not Exist: '${text}'`);
  }

  return {
    get,
    execution,
    find: (arn) => machines.get(arn),
    all: () => [...machines.values()],
    add(machine) {
      const added: Machine = {
        ...machine,
        expressions: createExpressions(),
        revisionId: newId(),
        executions: [],
        byName: new Map(),
      };
      machines.set(added.arn, added);
      return added;
    },
  };
}

/** arn:aws:states:<region>:<account>:execution:<machine>:<name> → the machine's ARN. */
export function machineArnOf(executionArn: string): string {
  return executionArn.split(":").slice(0, 7).join(":").replace(":execution:", ":stateMachine:");
}

function checkedArn(arn: unknown, kind: "stateMachine" | "execution"): string {
  const parts = typeof arn === "string" ? arn.split(":") : [];
  if (parts[0] === "arn" && parts[2] === "states" && parts[5] === kind) return String(arn);
  throw new AwsError("InvalidArn", `Invalid Arn: 'Resource type not valid in this context: ${String(arn)}'`);
}
