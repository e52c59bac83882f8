/** Delays every AWS call: the time between two moments then shows which calls waited for which. */
import type { AwsCall, LocalAws } from "../../packages/local-aws/src/local-aws.ts";

/** The delay of a call in milliseconds. Undefined for a call without one. */
export type Delay = (call: AwsCall) => number | undefined;

/** Returns a function that removes the delays. */
export function delayCalls(localAws: LocalAws, delay: Delay): () => void {
  const plans = localAws.services().flatMap(({ name: service, operations }) =>
    Object.keys(operations).map((operation) =>
      localAws.interfere({
        service,
        operation,
        times: Number.POSITIVE_INFINITY,
        where: (call) => delay(call) !== undefined,
        // Uses the caller's timer, so that virtual time moves while it waits.
        fault: (run, _crash, call) =>
          new Promise((resolve, reject) => {
            setTimeout(() => void run().then(resolve, reject), delay(call));
          }),
      }),
    ),
  );
  return () => plans.forEach((remove) => remove());
}

/** A request of a function, a workflow, or a baseline to an AWS API. */
export const REQUEST_MS = 100;
/** A service that invokes a function: EventBridge for a rule, a state for its Lambda. The gateway is left out. */
const HAND_OVER_MS = 1;

/** The caller for a baseline, which acts in place of a function. A separate object, so that other calls are not delayed. */
export const BASELINE = { kind: "person" } as const;

const GATEWAY = "apigateway.amazonaws.com";
export const isHandOver = ({ service, operation, caller }: AwsCall): boolean =>
  service === "lambda" &&
  operation === "Invoke" &&
  caller !== BASELINE &&
  caller.kind !== "person" &&
  !(caller.kind === "service" && caller.principal === GATEWAY);
export const isRequest = (call: AwsCall): boolean =>
  !isHandOver(call) && (call.caller.kind === "role" || call.caller === BASELINE);

/** A function that waits for another one, as the baseline does to push. */
export const ANY_INVOCATION: AwsCall = {
  service: "lambda",
  operation: "Invoke",
  input: {},
  caller: { kind: "role", arn: "" },
};

/** Every call takes the same time, so that the total time is a count. */
export const counting: Delay = (call) =>
  isHandOver(call) ? HAND_OVER_MS : isRequest(call) ? REQUEST_MS : undefined;

export interface Trips {
  readonly requests: number;
  readonly handOvers: number;
}

export const tripsIn = (ms: number): Trips => ({
  requests: Math.floor(ms / REQUEST_MS),
  handOvers: Math.round((ms % REQUEST_MS) / HAND_OVER_MS),
});
