/** What can go wrong with an AWS call, as faults for `localAws.interfere`. */
import type { Clock } from "../../packages/local-aws/src/clock.ts";
import { AwsError, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Fault, Interference } from "../../packages/local-aws/src/faults.ts";

export const THROTTLED = new AwsError("ThrottlingException", "Rate exceeded");
export const BROKEN = new AwsError("InternalServerError", "Internal server error", 500);

/** Nothing happens, and the caller learns it. */
export const refused =
  (error: AwsError): Fault =>
  async () => {
    throw error;
  };

/** It takes effect, and the caller is told that it did not. */
export const disguised =
  (error: AwsError): Fault =>
  async (run) => {
    await run();
    throw error;
  };

/** The caller waits, and then it takes effect. */
export const slow =
  (clock: Clock, byMs: number): Fault =>
  async (run) => {
    await pause(clock, byMs);
    return run();
  };

/** No answer ever comes: whether it took effect, the caller cannot know. */
export const silent: Fault = () => new Promise(() => undefined);
export const silentAfter: Fault = async (run) => {
  await run();
  return new Promise(() => undefined);
};

/** The caller is answered at once; it takes effect at each of these times later on, or never. */
export const deferred =
  (clock: Clock, reply: Shape, ...afterMs: number[]): Fault =>
  async (run) => {
    for (const delayMs of afterMs) clock.after(delayMs, () => void run());
    return reply;
  };

/** The function dies before the call reaches AWS, or when it has taken effect and before the answer is back. */
export const crashBefore: Fault = (_run, crash) => crash();
export const crashAfter: Fault = async (run, crash) => {
  await run();
  return crash();
};

const ACCEPTED = { StatusCode: 202, Payload: null };

/** An event on its way to a function: delivered at these times instead of at once. */
export const eventTo = (
  functionName: string,
  detailType: string,
  clock: Clock,
  ...afterMs: number[]
): Interference => ({
  service: "lambda",
  operation: "Invoke",
  where: ({ input }) =>
    String(input["FunctionName"]).endsWith(`:${functionName}`) &&
    (input["Payload"] as Shape | undefined)?.["detail-type"] === detailType,
  fault: deferred(clock, ACCEPTED, ...afterMs),
});

export const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));
