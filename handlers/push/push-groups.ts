/** Sends one push in several requests that succeed or fail independently. */
import type { PushAddress } from "../../calls/pushes.ts";
import { logger } from "../edge/handler.ts";
import type { PushResult } from "./port.ts";

export interface PushGroup {
  readonly addresses: readonly PushAddress[];
  send(addresses: readonly PushAddress[]): Promise<PushResult[]>;
}

/** Throws if no group could send. If only some groups fail, their addresses have the outcome `failed`. */
export async function sendGroups(groups: readonly PushGroup[]): Promise<PushResult[]> {
  const filled = groups.filter(({ addresses }) => addresses.length > 0);
  const sent = await Promise.allSettled(filled.map((group) => group.send(group.addresses)));
  const failures = sent.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
  if (failures[0] && failures.length === filled.length) throw failures[0];
  for (const error of failures) logger.warn("push not sent", { error });
  return sent.flatMap((one, at) =>
    one.status === "fulfilled" ? one.value : failed(filled[at]?.addresses ?? [], one.reason as Error),
  );
}

const LONGEST_REASON = 160;

/** Results of a group that failed to send. Their reason is the error's text, as in the log. */
const failed = (addresses: readonly PushAddress[], { name, message }: Error): PushResult[] =>
  addresses.map((address) => ({
    address,
    outcome: "failed",
    reason: (message || name).slice(0, LONGEST_REASON),
  }));
