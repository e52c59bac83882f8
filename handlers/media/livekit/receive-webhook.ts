/**
 * Takes a webhook of the LiveKit server and puts what it says of a participant on the default bus, where the rules of hints find it.
 * The server repeats what is answered with 5xx, for some seconds, and nothing else; a repeated event does no harm.
 */
import { logger } from "../../edge/handler.ts";
import type { ReadApiKeys } from "./api-keys.ts";
import { type ParticipantChange, participantChange } from "./webhook.ts";
import { refusalOf, type SentWebhook } from "./webhook-token.ts";

export interface ReceiveWebhook {
  readonly keys: ReadApiKeys;
  readonly now: () => number;
  /** Throws if the bus did not take it. */
  readonly publish: (change: ParticipantChange) => Promise<void>;
}

export type Received =
  | { readonly kind: "published" | "of no call" }
  | { readonly kind: "refused" | "unreadable"; readonly reason: string };

export async function receiveWebhook(tools: ReceiveWebhook, sent: SentWebhook): Promise<Received> {
  const refusal = await refusalOf(sent, await tools.keys(), tools.now());
  if (refusal !== undefined) return { kind: "refused", reason: refusal };
  const change = changeIn(sent.body);
  if (typeof change === "string") return { kind: "unreadable", reason: change };
  if (!change) return { kind: "of no call" };
  await tools.publish(change);
  logger.info("participant changed", { ...change });
  return { kind: "published" };
}

/** Why it cannot be read, if it cannot: another release of the server may say it in other words. */
function changeIn(body: Buffer): ParticipantChange | string | undefined {
  try {
    return participantChange(JSON.parse(body.toString("utf8")));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
