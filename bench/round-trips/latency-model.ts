/**
 * An assumption of how long AWS takes, for p50 and p99 of waits that consist of many calls: log-normal, by service. Only EventBridge
 * publishes a figure (p99 of 129 ms end to end, p90 of 80 ms by a user's report); the others are round figures of the size that
 * users report within a Region. Put in your own before you believe a number. A function's own computing is not in them.
 */
import type { AwsCall } from "../../packages/local-aws/src/local-aws.ts";
import { type Delay, isHandOver, isRequest } from "./delayed-calls.ts";

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const REQUESTS: Readonly<Record<string, Latency>> = {
  dynamodb: { p50Ms: 4, p99Ms: 20 },
  "dynamodb:TransactWriteItems": { p50Ms: 10, p99Ms: 40 },
  events: { p50Ms: 15, p99Ms: 60 },
  states: { p50Ms: 20, p99Ms: 80 },
  sqs: { p50Ms: 8, p99Ms: 40 },
  secretsmanager: { p50Ms: 10, p99Ms: 50 },
  mobiletargeting: { p50Ms: 60, p99Ms: 250 },
  ivs: { p50Ms: 80, p99Ms: 300 },
};
const OTHER: Latency = { p50Ms: 10, p99Ms: 50 };
/** From a rule to its function, and from a state to its Lambda. */
const DELIVERY: Latency = { p50Ms: 45, p99Ms: 129 };
export const INVOKE: Latency = { p50Ms: 10, p99Ms: 45 };

const Z_99 = 2.326;

function latencyOf(call: AwsCall): Latency {
  if (isHandOver(call)) return call.caller.kind === "service" ? DELIVERY : INVOKE;
  return REQUESTS[`${call.service}:${call.operation}`] ?? REQUESTS[call.service] ?? OTHER;
}

export function drawn(random: () => number): Delay {
  return (call) => {
    if (!isRequest(call) && !isHandOver(call)) return undefined;
    const { p50Ms, p99Ms } = latencyOf(call);
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(1, Math.round(p50Ms * Math.exp((normal * Math.log(p99Ms / p50Ms)) / Z_99)));
  };
}

export const modelRows = (): string[][] =>
  [
    ...Object.entries(REQUESTS),
    ["other requests", OTHER] as const,
    ["EventBridge to a function", DELIVERY] as const,
    ["a state to its function", INVOKE] as const,
  ].map(([name, { p50Ms, p99Ms }]) => [name, String(p50Ms), String(p99Ms)]);
