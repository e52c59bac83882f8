/**
 * Runs of functions, as Lambda runs them: each by itself, with a timeout. A run that dies does nothing any more: what it has asked
 * for is never answered, and who waits for the run learns it.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type FunctionName, functionSizes } from "../../infra/function-sizes.ts";
import type { Faults } from "./faults.ts";
import type { VirtualTime } from "./virtual-time.ts";

export type Outcome =
  | { readonly kind: "replied"; readonly reply: unknown }
  /** As Lambda names it: the error's class, `Runtime.ExitError` or `Sandbox.Timedout`. */
  | { readonly kind: "failed"; readonly errorType: string; readonly message: string };

export interface Run {
  readonly name: FunctionName;
  dead: boolean;
  readonly die: () => void;
}

export type Handler = (event: unknown, context: never) => Promise<unknown>;

export type Handlers = Readonly<Partial<Record<FunctionName, Handler>>>;

export interface FunctionRuns {
  invoke(name: FunctionName, event: unknown): Promise<Outcome>;
  /** The run that the present work is part of. */
  present(): Run | undefined;
  /** The present run dies: the promise never settles. */
  crash(): Promise<never>;
}

export const never = new Promise<never>(() => undefined);

export interface FunctionRunsOptions {
  readonly time: VirtualTime;
  readonly faults: Faults;
  readonly random: () => number;
  readonly handlers: Handlers;
  readonly onOutcome?: (name: FunctionName, outcome: Outcome) => void;
}

export function functionRuns(options: FunctionRunsOptions): FunctionRuns {
  const { time, faults, random, handlers, onOutcome } = options;
  const presentRun = new AsyncLocalStorage<Run>();
  let runs = 0;

  async function run(name: FunctionName, event: unknown): Promise<Outcome> {
    const handler = handlers[name];
    if (!handler) throw new Error(`the simulation has no function ${name}`);
    const { promise: exit, resolve: end } = Promise.withResolvers<Outcome>();
    const die = (errorType: string, message: string): void => {
      own.dead = true;
      end({ kind: "failed", errorType, message });
    };
    const own: Run = { name, dead: false, die: () => die("Runtime.ExitError", "the process ended") };
    const { timeoutSeconds } = functionSizes[name];
    const expire = (): void => die("Sandbox.Timedout", `timed out after ${timeoutSeconds} s`);
    const cancel = time.at(time.now() + timeoutSeconds * 1000, expire);
    const replied = presentRun.run(own, () => handler(event, contextOf(name, (runs += 1)) as never));
    const outcome = await Promise.race([exit, replied.then(success, failure)]);
    cancel();
    // What a function leaves behind goes on only in a later run of its instance: here it does not.
    own.dead = true;
    return outcome;
  }

  return {
    async invoke(name, event) {
      await time.sleep(faults.meets("invocation slow", name) ? 500 + random() * 4_000 : 2 + random() * 10);
      const outcome = await run(name, event);
      onOutcome?.(name, outcome);
      return outcome;
    },
    present: () => presentRun.getStore(),
    crash() {
      presentRun.getStore()?.die();
      return never;
    },
  };
}

const success = (reply: unknown): Outcome => ({ kind: "replied", reply });
const failure = (error: unknown): Outcome => {
  const { name, message } = error as Error;
  return { kind: "failed", errorType: name, message };
};

/** Lambda's context, as far as the functions read it. */
const contextOf = (functionName: string, run: number) => ({
  functionName,
  functionVersion: "$LATEST",
  invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
  memoryLimitInMB: "512",
  awsRequestId: `run-${run}`,
});
