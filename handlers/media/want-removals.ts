/** Lists removals that are due and wakes the remover. Safe to repeat: listed removals stay as they are. */
import type { CallId } from "../../calls/ids.ts";
import { type KnownStage, type Removal, removalsDue, removalsOfFound } from "../../calls/removals.ts";
import type { Connected } from "../../calls/presence.ts";
import type { Wakes } from "./hint-queues.ts";
import type { RemovalStore } from "../store/removal-store.ts";
import { logger } from "../edge/handler.ts";

export interface RemovalWanting {
  readonly presence: { known(callId: CallId): Promise<KnownStage | undefined> };
  readonly removals: Pick<RemovalStore, "replace">;
}

/** Reads that lose to others before a run gives up. */
const MAX_READS = 4;
/** The index that the remover reads follows the table within a moment. */
const INDEX_LAG_SECONDS = 1;

type Plan = (known: KnownStage, nowMs: number) => Removal[];

/** Plans removals from what is known of the call. */
export const byWhatIsKnown =
  (graceMs: number): Plan =>
  (known, nowMs) =>
    removalsDue(known, graceMs, nowMs);

export const byCheck =
  (connected: readonly Connected[]): Plan =>
  (known, nowMs) =>
    removalsOfFound(known, connected, nowMs);

/** Lists the planned removals. True if any was listed: the remover must be woken. */
export async function listRemovals(
  { presence, removals }: RemovalWanting,
  first: KnownStage,
  plan: Plan,
  nowMs: number,
): Promise<boolean> {
  let known: KnownStage | undefined = first;
  let listed = false;
  for (let read = 0; read < MAX_READS && known; read += 1) {
    const { call, removals: before } = known;
    const due = plan(known, nowMs);
    const written = await Promise.all(
      due.map((removal) => removals.replace(before.get(removal.target), removal, nowMs)),
    );
    if (due.length > 0) logger.info("removals listed", { callId: call.callId, removals: due.length });
    listed ||= written.includes(true);
    if (!written.includes(false)) return listed;
    known = await presence.known(call.callId);
  }
  if (known) throw new Error(`removals of call ${known.call.callId} changed ${MAX_READS} times meanwhile`);
  return listed;
}

export const wakeRemover = (wakes: Wakes): Promise<void> => wakes.send([{ kind: "due" }], INDEX_LAG_SECONDS);
