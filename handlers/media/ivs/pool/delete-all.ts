/**
 * Deletes every stage of a stack that is no longer in use. Pages of the list shift while stages go, so it lists again until a
 * whole round finds none.
 */
import type { IvsStages } from "../ivs-stages.ts";
import type { RuntimeInputs } from "../../../edge/handler.ts";

/** IVS's quota: 3,000 stages take 10 minutes. */
const DELETIONS_A_SECOND = 5;
const PAGES_A_SECOND = 5;
const SECOND_MS = 1_000;

export interface DeleteAll {
  readonly ivs: Pick<IvsStages, "list" | "remove">;
  readonly edge: Pick<RuntimeInputs, "now" | "pause">;
  /** No further second begins after this. */
  readonly untilMs: number;
  /** True once no function makes stages any more. Only a round that begins later can be the last. */
  readonly isQuiet: () => Promise<boolean>;
  readonly tell?: (deleted: number, found: number) => void;
}

export interface Deleted {
  readonly deleted: number;
  /** ARNs that were found and are still there. */
  readonly left: readonly string[];
  /** A whole round has found no stage. */
  readonly isAll: boolean;
}

interface Round {
  readonly beganQuiet: boolean;
  found: number;
  next: string | undefined;
  isOver: boolean;
}

export async function deleteAll(tools: DeleteAll): Promise<Deleted> {
  const { edge, untilMs } = tools;
  const waiting = new Set<string>();
  let deleted = 0;
  let isQuiet = await tools.isQuiet();
  let round = newRound(isQuiet);
  for (;;) {
    const secondMs = edge.now();
    await listPages(tools, round, waiting);
    deleted += await removeSome(tools, waiting);
    tools.tell?.(deleted, deleted + waiting.size);
    const isEmpty = round.isOver && round.found === 0;
    if (isEmpty && round.beganQuiet) return { deleted, left: [...waiting], isAll: true };
    if (edge.now() + SECOND_MS >= untilMs) return { deleted, left: [...waiting], isAll: false };
    isQuiet ||= await tools.isQuiet();
    if (round.isOver && waiting.size === 0) round = newRound(isQuiet);
    if (!isEmpty || !isQuiet) await edge.pause(Math.max(0, secondMs + SECOND_MS - edge.now()));
  }
}

const newRound = (beganQuiet: boolean): Round => ({ beganQuiet, found: 0, next: undefined, isOver: false });

async function listPages({ ivs }: DeleteAll, round: Round, waiting: Set<string>): Promise<void> {
  for (let page = 0; page < PAGES_A_SECOND && !round.isOver; page += 1) {
    const listed = await ivs.list(round.next);
    if (listed === "throttled") return;
    if (listed === "bad token") {
      round.next = undefined;
      continue;
    }
    for (const { arn } of listed.stages) waiting.add(arn);
    round.found += listed.stages.length;
    round.next = listed.nextToken;
    round.isOver = listed.nextToken === undefined;
  }
}

/** A throttled request waits for the next second. */
async function removeSome({ ivs }: DeleteAll, waiting: Set<string>): Promise<number> {
  const some = [...waiting].slice(0, DELETIONS_A_SECOND);
  const removed = await Promise.all(
    some.map(async (arn) => (await ivs.remove(arn)) === "removed" && waiting.delete(arn)),
  );
  return removed.filter(Boolean).length;
}
