/**
 * Screens what the media provider and the bus report of participants. A participant's reports are stored at once. A phone that
 * stopped, and an answer, are screened some seconds later; only calls still in doubt then go to `verify-legs`, which asks
 * the provider. Participants that may have to be removed are listed for `remove-participants`. Most hints end here.
 */
import * as z from "zod/mini";
import { type CallId, callIdSchema } from "../../calls/ids.ts";
import { isOver, legOf } from "../../calls/call.ts";
import { UNPUBLISHED_GRACE_SECONDS } from "../../calls/limits.ts";
import { needsCheck, type Hint, hintSchema } from "../../calls/presence.ts";
import { CallAnswered } from "../../events/call-progress.ts";
import { EVENT_SOURCE } from "../../events/event.ts";
import { LegJoined, LegMoved, LegUpdated } from "../../events/legs.ts";
import type { Blinks, Doubts, HintQueue, Wakes } from "./hint-queues.ts";
import type { ParticipantEvents, ParticipantSaid } from "./port.ts";
import type { Known, PresenceStore } from "../store/presence-store.ts";
import type { RemovalStore } from "../store/removal-store.ts";
import { type RuntimeInputs, logger } from "../edge/handler.ts";
import type { Message } from "../edge/message-batch.ts";
import { byWhatIsKnown, listRemovals, wakeRemover } from "./want-removals.ts";

const ofBus = <Names extends [string, ...string[]]>(...names: Names) =>
  z.object({
    source: z.literal(EVENT_SOURCE),
    "detail-type": z.enum(names),
    detail: z.object({ callId: callIdSchema }),
  });
const answered = z.pipe(
  ofBus(CallAnswered.name, LegJoined.name),
  z.transform(({ detail }): Heard => ({
    kind: "answered",
    callId: detail.callId,
  })),
);
/** Their rules pass legs that are over, or that another phone has taken over, in calls that go on. */
const legOver = z.pipe(
  ofBus(LegUpdated.name, LegMoved.name),
  z.transform(({ detail }): Heard => ({
    kind: "ended",
    callId: detail.callId,
  })),
);
const callOver = z.object({ kind: z.literal("ended"), callId: callIdSchema });

type Unpublished = Extract<Hint, { kind: "unpublished" }>;
type Heard =
  /** A phone stopped UNPUBLISHED_GRACE_SECONDS ago, or a leg joined. */
  | Extract<Hint, { kind: "unpublished" | "answered" }>
  /** A new report of the provider. */
  | ParticipantSaid
  /** A leg of a call that goes on is over; or the call is, and its grace has passed. */
  | z.infer<typeof callOver>;

const waited = z.pipe(
  hintSchema,
  z.transform((hint): Heard => (hint.kind === "unpublished" ? hint : { kind: "foreign" })),
);

/** Every message of its queues, those of the media provider among them. */
export const heardSchema = (events: ParticipantEvents): z.ZodMiniType<Heard> =>
  z.union([answered, legOver, events, callOver, waited]);

/** The clock of the function that sent the hint may be ahead: then the grace has not passed here. */
export const CLOCKS_DIFFER_MS = 500;

export interface ScreenHints {
  readonly presence: PresenceStore;
  readonly removals: Pick<RemovalStore, "replace">;
  readonly blinks: Blinks;
  readonly doubts: Doubts;
  readonly wakes: Wakes;
  readonly edge: Pick<RuntimeInputs, "now">;
  readonly graceMs: number;
}

/** The messages that failed, and how many of each kind of outcome there were. */
export async function screenHints(
  tools: ScreenHints,
  messages: readonly Message<Heard>[],
): Promise<{ failed: string[]; outcomes: Record<string, number> }> {
  const failed = new Set<string>();
  const outcomes: Record<string, number> = {};
  const hints: Record<"waits" | "doubtful", Message<Hint>[]> = { waits: [], doubtful: [] };
  const attempt = (work: (message: Message<Heard>) => Promise<void>) =>
    Promise.all(
      messages.map(async (message) => {
        if (failed.has(message.messageId)) return;
        try {
          await work(message);
        } catch (error) {
          logger.error("hint not screened", { messageId: message.messageId, error: error as Error });
          failed.add(message.messageId);
        }
      }),
    );
  const { known, listed } = perCall(tools);
  // Stores all reports first, so that the reads after it include them.
  await attempt(({ body }) => rememberSaid(tools, body));
  await attempt(async ({ messageId, body }) => {
    const outcome = await screen(tools, body, known, listed);
    outcomes[outcome.kind] = (outcomes[outcome.kind] ?? 0) + 1;
    if ("hint" in outcome) hints[outcome.kind].push({ messageId, body: outcome.hint });
  });
  if (await listed.any()) await wakeRemover(tools.wakes);
  for (const messageId of await passOn(tools.blinks, hints.waits, UNPUBLISHED_GRACE_SECONDS))
    failed.add(messageId);
  for (const { body } of hints.doubtful) logger.info("doubtful", { callId: body.callId, hint: body.kind });
  for (const messageId of await passOn(tools.doubts, hints.doubtful)) failed.add(messageId);
  return { failed: [...failed], outcomes };
}

async function rememberSaid({ presence }: ScreenHints, heard: Heard): Promise<void> {
  if (heard.kind === "published") await presence.remember("published", heard);
  if (heard.kind === "stopped") await presence.remember("unpublished", heard);
}

type Read = (callId: CallId) => Promise<Known | undefined>;
interface Listing {
  of(known: Known): Promise<boolean>;
  any(): Promise<boolean>;
}

/** One read serves all hints about a call, and lists its removals once. */
function perCall(tools: ScreenHints): { known: Read; listed: Listing } {
  const reads = new Map<CallId, Promise<Known | undefined>>();
  const listings = new Map<CallId, Promise<boolean>>();
  const once = <Result>(of: Map<CallId, Promise<Result>>, callId: CallId, work: () => Promise<Result>) => {
    const result = of.get(callId) ?? work();
    of.set(callId, result);
    return result;
  };
  return {
    known: (callId) => once(reads, callId, () => tools.presence.known(callId)),
    listed: {
      of: (known) =>
        once(listings, known.call.callId, () =>
          listRemovals(tools, known, byWhatIsKnown(tools.graceMs), tools.edge.now()),
        ),
      any: async () =>
        (await Promise.allSettled(listings.values())).some((one) => one.status === "fulfilled" && one.value),
    },
  };
}

type Outcome =
  | { readonly kind: "seen" | "answered" | "foreign" | "over" }
  | { readonly kind: "waits" | "doubtful"; readonly hint: Hint };

async function screen({ edge }: ScreenHints, heard: Heard, read: Read, listed: Listing): Promise<Outcome> {
  if (heard.kind === "foreign") return { kind: "foreign" };
  const known = await read(heard.callId);
  if (!known) return { kind: "answered" };
  switch (heard.kind) {
    case "published": {
      const over = isPartOver(known, heard);
      if (over) await listed.of(known);
      return { kind: over ? "over" : "seen" };
    }
    case "ended":
      await listed.of(known);
      return { kind: "over" };
    case "stopped": {
      const hint = { ...heard, kind: "unpublished" } as const;
      return needsCheck(hint, known, edge.now()) ? { kind: "waits", hint } : { kind: "answered" };
    }
    case "unpublished":
    case "answered":
      return needsCheck(heard, known, edge.now()) ? { kind: "doubtful", hint: heard } : { kind: "answered" };
  }
}

function isPartOver(
  { call }: Known,
  { leg, tokenNumber }: Pick<Unpublished, "leg" | "tokenNumber">,
): boolean {
  return isOver(call) || (call.legs[leg] !== undefined && tokenNumber <= (legOf(call, leg).tokensOver ?? 0));
}

/** Sends equal hints once. Returns the ids of messages whose hints could not be sent. */
async function passOn(
  queue: HintQueue<Hint>,
  hints: readonly Message<Hint>[],
  delaySeconds?: number,
): Promise<string[]> {
  if (hints.length === 0) return [];
  const distinct = new Map(hints.map(({ body }) => [JSON.stringify(body), body]));
  try {
    await queue.send([...distinct.values()], delaySeconds);
    return [];
  } catch (error) {
    logger.error("hints not passed on", { error: error as Error });
    return hints.map(({ messageId }) => messageId);
  }
}
