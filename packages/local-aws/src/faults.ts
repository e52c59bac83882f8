/** Faults that a test puts between a caller and its call, and functions that die in the middle of one (D5). */
import { AsyncLocalStorage } from "node:async_hooks";
import type { AwsCall, Caller, Shape } from "./aws-call.ts";
import type { Clock } from "./clock.ts";

/** What becomes of a call: `run` lets it take effect, each time it is called; `crash` ends the function that makes it. */
export type Fault = (run: () => Promise<Shape>, crash: () => Promise<never>, call: AwsCall) => Promise<Shape>;

export interface Interference {
  readonly service: string;
  readonly operation: string;
  /** Name of the function that calls; without it, any caller. */
  readonly from?: string;
  readonly where?: (call: AwsCall) => boolean;
  /** The first call that meets the fault, of those that match; 1 without it. */
  readonly nth?: number;
  /** How many meet it from then on; 1 without it. */
  readonly times?: number;
  readonly fault: Fault;
}

/** A state machine runs on after the function that started it, in the same line of execution. */
export const isOfFunction = (caller: Caller): boolean =>
  caller.kind === "role" && caller.functionName !== undefined;

export function createFaults() {
  const planned = new Set<{ readonly plan: Interference; met: number }>();
  const matches = ({ service, operation, from, where }: Interference, call: AwsCall): boolean =>
    call.service === service &&
    call.operation === operation &&
    (from === undefined || (call.caller.kind === "role" && call.caller.functionName === from)) &&
    (where?.(call) ?? true);
  return {
    add(plan: Interference): () => void {
      const one = { plan, met: 0 };
      planned.add(one);
      return () => void planned.delete(one);
    },
    /** The fault that this call meets; each plan counts every call that matches it. */
    meeting(call: AwsCall): Fault | undefined {
      const due = [...planned].filter((one) => {
        const { nth = 1, times = 1 } = one.plan;
        if (!matches(one.plan, call)) return false;
        one.met += 1;
        return one.met >= nth && one.met < nth + times;
      });
      return due[0]?.plan.fault;
    },
  };
}

/** Running functions that can die: the dead no longer stop time, and what they still ask for is never answered. */
export function crashableActors(clock: Clock) {
  const present = new AsyncLocalStorage<{ dead: boolean; readonly die: () => void }>();
  const never = new Promise<never>(() => undefined);

  async function actor<T>(work: () => Promise<T>): Promise<T> {
    let die = (): void => undefined;
    const death = new Promise<void>((resolve) => (die = resolve));
    let result = never as Promise<T>;
    await clock.actor(() => {
      result = present.run({ dead: false, die }, work);
      const settled = result.then(
        () => undefined,
        () => undefined,
      );
      return Promise.race([settled, death]);
    });
    return result;
  }

  const crashed = (): boolean => present.getStore()?.dead === true;
  const crash = async (): Promise<never> => {
    const self = present.getStore();
    if (!self) throw new Error("only a running function can crash");
    self.dead = true;
    self.die();
    return never;
  };
  return { clock: { ...clock, actor }, crashed, crash };
}
