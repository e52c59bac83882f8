/** Makes every AWS call take its time: what then passes between two moments tells which calls had to wait for which. */
import type { AwsCall, LocalAws } from "../../packages/local-aws/src/local-aws.ts";

/** How long a call takes, in milliseconds; undefined for one that is not delayed. */
export type Delay = (call: AwsCall) => number | undefined;

/** The returned function takes the delays away. */
export function delayCalls(localAws: LocalAws, delay: Delay): () => void {
  const plans = localAws.services().flatMap(({ name: service, operations }) =>
    Object.keys(operations).map((operation) =>
      localAws.interfere({
        service,
        operation,
        times: Number.POSITIVE_INFINITY,
        where: (call) => delay(call) !== undefined,
        // A timer of the one that calls, so that virtual time moves while it waits.
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
/** A service hands over to a function: EventBridge to a rule's target, a state to its Lambda. From the gateway is left out. */
const HAND_OVER_MS = 1;

/** What a baseline does in the place of a function. Its own object: other people's calls are not delayed. */
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

/** A function that waits for another one: what the baseline does to push. */
export const ANY_INVOCATION: AwsCall = {
  service: "lambda",
  operation: "Invoke",
  input: {},
  caller: { kind: "role", arn: "" },
};

/** Each takes the same: the time that passes is a count. */
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
