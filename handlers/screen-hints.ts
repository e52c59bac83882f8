/**
 * Screens what IVS and the bus say of participants, three queues of it: who began to publish is remembered at once; who
 * stopped, and an answer, are looked into after some seconds. Only what is still doubtful then is passed on to
 * `verify-legs`, which has to ask IVS. Most hints end here: the call is over, or the phone is back.
 */
import * as z from "zod";
import { type CallId, callIdSchema, participantOf } from "../calls/ids.ts";
import { demandsLook, forgetsSighting, type Hint, type KnownCall } from "../calls/presence.ts";
import { CallAnswered } from "../events/call-progress.ts";
import { EVENT_SOURCE } from "../events/event.ts";
import { LegJoined } from "../events/legs.ts";
import { type Doubts, doubts } from "./adapters/doubts.ts";
import { type PresenceStore, presenceStore } from "./adapters/presence-store.ts";
import { readEnvironment } from "./environment.ts";
import { count, defineHandler, type Edge, edge, logger } from "./handler.ts";
import { type BatchReply, batchReply, type Message, messageBatch, readBatch } from "./message-batch.ts";

const answered = z
  .object({
    source: z.literal(EVENT_SOURCE),
    "detail-type": z.enum([CallAnswered.name, LegJoined.name]),
    detail: z.object({ callId: callIdSchema }),
  })
  .transform(({ detail }): Heard => ({ kind: "answered", callId: detail.callId }));

/** IVS Stage Update. A participant whose id is not of our making is nobody's business here. */
const stageUpdate = z
  .object({
    source: z.literal("aws.ivs"),
    detail: z.object({
      event_name: z.enum(["Participant Published", "Participant Unpublished"]),
      participant_id: z.string(),
      event_time: z.iso.datetime(),
      event_time_precise: z.iso.datetime().optional(),
    }),
  })
  .transform(({ detail }): Heard => {
    const who = participantOf(detail.participant_id);
    if (!who) return { kind: "foreign" };
    const atMs = Date.parse(detail.event_time_precise ?? detail.event_time);
    const published = detail.event_name === "Participant Published";
    return { kind: published ? "published" : "unpublished", ...who, atMs };
  });

type Unpublished = Extract<Hint, { kind: "unpublished" }>;
type Heard =
  | Extract<Hint, { kind: "unpublished" | "answered" }>
  | (Omit<Unpublished, "kind"> & { readonly kind: "published" })
  | { readonly kind: "foreign" };

export const heardSchema = z.union([answered, stageUpdate]);

export interface ScreenHints {
  readonly presence: PresenceStore;
  readonly doubts: Doubts;
  readonly edge: Pick<Edge, "now">;
}

/** The messages that failed, and how many of each kind of outcome there were. */
export async function screenHints(
  tools: ScreenHints,
  messages: readonly Message<Heard>[],
): Promise<{ failed: string[]; outcomes: Record<string, number> }> {
  const failed: string[] = [];
  const outcomes: Record<string, number> = {};
  const doubtful: Message<Hint>[] = [];
  const known = readOnce(tools.presence);
  const screened = messages.map(async ({ messageId, body }) => {
    try {
      const outcome = await screen(tools, body, known);
      outcomes[outcome.kind] = (outcomes[outcome.kind] ?? 0) + 1;
      if (outcome.kind === "doubtful") doubtful.push({ messageId, body: outcome.hint });
    } catch (error) {
      logger.error("hint not screened", { messageId, error: error as Error });
      failed.push(messageId);
    }
  });
  await Promise.all(screened);
  failed.push(...(await passOn(tools, doubtful)));
  return { failed, outcomes };
}

type Known = (callId: CallId) => Promise<KnownCall | undefined>;

/** One read serves all hints about a call. */
function readOnce(presence: PresenceStore): Known {
  const reads = new Map<CallId, Promise<KnownCall | undefined>>();
  return (callId) => {
    const read = reads.get(callId) ?? presence.known(callId);
    reads.set(callId, read);
    return read;
  };
}

type Outcome =
  | { readonly kind: "seen" | "forgotten" | "answered" | "foreign" }
  | { readonly kind: "doubtful"; readonly hint: Hint };

async function screen({ presence, edge }: ScreenHints, heard: Heard, known: Known): Promise<Outcome> {
  if (heard.kind === "foreign") return { kind: "foreign" };
  if (heard.kind === "published") {
    await presence.saw(heard);
    return { kind: "seen" };
  }
  const found = await known(heard.callId);
  if (found && heard.kind === "unpublished" && forgetsSighting(heard, found)) {
    await presence.forget(heard);
    return { kind: "forgotten" };
  }
  const doubtful = found && demandsLook(heard, found, edge.now());
  return doubtful ? { kind: "doubtful", hint: heard } : { kind: "answered" };
}

/** The same hint is passed on once. Ids of messages whose hints could not be passed on. */
async function passOn({ doubts }: ScreenHints, doubtful: readonly Message<Hint>[]): Promise<string[]> {
  if (doubtful.length === 0) return [];
  const hints = new Map(doubtful.map(({ body }) => [JSON.stringify(body), body]));
  for (const { callId, kind } of hints.values()) logger.info("doubtful", { callId, hint: kind });
  try {
    await doubts.pass([...hints.values()]);
    return [];
  } catch (error) {
    logger.error("hints not passed on", { error: error as Error });
    return doubtful.map(({ messageId }) => messageId);
  }
}

const env = readEnvironment("AWS_REGION", "CALLS_TABLE", "DOUBTS_QUEUE_URL");
const tools: ScreenHints = { presence: presenceStore(env), doubts: doubts(env), edge };

export const handler = defineHandler(messageBatch, async (batch): Promise<BatchReply> => {
  const { messages, unreadable } = readBatch(batch, heardSchema);
  const { failed, outcomes } = await screenHints(tools, messages);
  logger.info("screened", outcomes);
  if (outcomes["doubtful"]) count("DoubtfulHints", outcomes["doubtful"]);
  return batchReply([...unreadable, ...failed]);
});
