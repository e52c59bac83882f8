/** Faults of AWS calls, for `localAws.interfere`. */
import type { Clock } from "../../packages/local-aws/src/clock.ts";
import { AwsError, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Fault, Interference } from "../../packages/local-aws/src/faults.ts";

export const THROTTLED = new AwsError("ThrottlingException", "Rate exceeded");
export const BROKEN = new AwsError("InternalServerError", "Internal server error", 500);

/** The call does not take effect, and the caller gets the error. */
export const refused =
  (error: AwsError): Fault =>
  async () => {
    throw error;
  };

/** The call takes effect, and the caller gets an error nevertheless. */
export const disguised =
  (error: AwsError): Fault =>
  async (run) => {
    await run();
    throw error;
  };

/** The call takes effect after a while. */
export const slow =
  (clock: Clock, byMs: number): Fault =>
  async (run) => {
    await pause(clock, byMs);
    return run();
  };

/** The call is never answered, so that the caller cannot know whether it took effect. */
export const silent: Fault = () => new Promise(() => undefined);
export const silentAfter: Fault = async (run) => {
  await run();
  return new Promise(() => undefined);
};

/** The caller is answered at once. The call takes effect later, at each of these times, or never. */
export const deferred =
  (clock: Clock, reply: Shape, ...afterMs: number[]): Fault =>
  async (run) => {
    for (const delayMs of afterMs) clock.after(delayMs, () => void run());
    return reply;
  };

/** The function dies before the call reaches AWS, or after the call has taken effect and before the answer arrives. */
export const crashBefore: Fault = (_run, crash) => crash();
export const crashAfter: Fault = async (run, crash) => {
  await run();
  return crash();
};

const ACCEPTED = { StatusCode: 202, Payload: null };

/** An event on its way to a function is delivered at these times instead of at once. */
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
