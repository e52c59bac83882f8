/**
 * Task tokens: they name their execution, so that IAM can be asked about its state machine.
 *
 * T1 A token is answered once; after that, and after its task has ended in any other way, it is dead.
 */
import { AwsError } from "../local-aws.ts";
import { StateError } from "./engine/state-error.ts";
import type { Json } from "../local-aws.ts";
import { machineArnOf, type Machines } from "./machines.ts";
import { newId } from "./randomness.ts";

export interface WaitingTask {
  readonly token: string;
  /** Settles with what SendTaskSuccess or SendTaskFailure says. */
  readonly answer: Promise<{ output: Json } | { failure: StateError }>;
  /** Called for each SendTaskHeartbeat. */
  onHeartbeat: () => void;
  /** Kills the token. */
  readonly close: () => void;
}

export interface TaskTokens {
  /** The token dies with the signal at the latest. */
  open(executionArn: string, signal: AbortSignal): WaitingTask;
  succeed(token: unknown, output: Json): void;
  fail(token: unknown, failure: StateError): void;
  heartbeat(token: unknown): void;
}

interface Live {
  readonly task: WaitingTask;
  readonly settle: (answer: { output: Json } | { failure: StateError }) => void;
}

const PREFIX = "AAAAKgAAAAIAAAAAAAAAA";

export function createTaskTokens(machines: Machines): TaskTokens {
  const live = new Map<string, Live>();

  function open(executionArn: string, signal: AbortSignal): WaitingTask {
    const named = Buffer.from(JSON.stringify([executionArn, newId()])).toString("base64url");
    const token = `${PREFIX}${named}`;
    const { promise, resolve } = Promise.withResolvers<{ output: Json } | { failure: StateError }>();
    const task: WaitingTask = {
      token,
      answer: promise,
      onHeartbeat: () => undefined,
      close() {
        live.delete(token);
        signal.removeEventListener("abort", task.close);
      },
    };
    signal.addEventListener("abort", task.close, { once: true });
    live.set(token, { task, settle: resolve });
    return task;
  }

  function find(token: unknown): Live {
    const found = live.get(String(token));
    if (found) return found;
    const executionArn = executionOf(token);
    if (executionArn === undefined) throw new AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
    const machine = machines.find(machineArnOf(executionArn));
    if (!machine?.byName.has(executionArn.split(":")[7] ?? "")) {
      throw new AwsError("TaskDoesNotExist", "Task Does Not Exist: 'Provided task does not exist'");
    }
    throw new AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
  }

  function answer(token: unknown, given: { output: Json } | { failure: StateError }): void {
    const { task, settle } = find(token);
    task.close();
    settle(given);
  }

  return {
    open,
    succeed: (token, output) => answer(token, { output }),
    fail: (token, failure) => answer(token, { failure }),
    heartbeat: (token) => find(token).task.onHeartbeat(),
  };
}

/** The execution that a token names; undefined if it is no token of ours. */
export function executionOf(token: unknown): string | undefined {
  if (typeof token !== "string" || !token.startsWith(PREFIX)) return undefined;
  try {
    const named = JSON.parse(Buffer.from(token.slice(PREFIX.length), "base64url").toString()) as unknown;
    return Array.isArray(named) && typeof named[0] === "string" ? named[0] : undefined;
  } catch {
    return undefined;
  }
}
