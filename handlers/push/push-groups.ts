/** Sending one push in several requests that succeed or fail apart. */
import type { PushAddress } from "../../calls/pushes.ts";
import { logger } from "../edge/handler.ts";
import type { PushResult } from "./port.ts";

export interface PushGroup {
  readonly addresses: readonly PushAddress[];
  send(addresses: readonly PushAddress[]): Promise<PushResult[]>;
}

/** Throws if no group could send. What one group did is not forgotten because another failed: its addresses have. */
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

/** What could not be sent at all: the error's words are those that the log has. */
const failed = (addresses: readonly PushAddress[], { name, message }: Error): PushResult[] =>
  addresses.map((address) => ({
    address,
    outcome: "failed",
    reason: (message || name).slice(0, LONGEST_REASON),
  }));
