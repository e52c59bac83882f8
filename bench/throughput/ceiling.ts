/**
 * The most calls that can begin in a second for ever, by the arithmetic of docs/scale.md: as many stages come back as are taken.
 *
 * A call keeps its stage while it lasts (`use`), then until its last participant token has expired (`token`), then until IVS has
 * ended the session (`session`), then until the keeper has seen that (`lag`). A stage that is replaced waits for none of the first
 * three, and one that is checked with ListParticipants does not wait for the session.
 */
import { TOKEN_SECONDS } from "../../calls/limits.ts";
import { SESSION_LINGERS_MS } from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import { useSeconds } from "./arrivals.ts";

/** The keeper uses this many of IVS's 5 a second of each operation (docs/scale.md), for 57 of 60 seconds. */
const REPLACED_PER_SECOND = 4 * 0.95;
const LOOKED_AT_PER_SECOND = 4 * 0.95;
/** 5 pages of 100 stages a second, in a loop. */
const LISTED_PER_SECOND = 500;
/** Phones leave when they learn that the call is over. */
const LEAVE_SECONDS = 1;

/** Calls with the same end: their share of all, and how long each cause keeps the stage. */
interface Kind {
  readonly share: number;
  readonly use: number;
  readonly token: number;
  readonly session: number;
}

function kindsOf(ringSeconds: number, callersJoin: CallersJoin): readonly Kind[] {
  const use = useSeconds(ringSeconds);
  const tokenSeconds = ringSeconds + TOKEN_SECONDS.default;
  const kind = (usedFor: number, hasJoined: boolean): Kind => {
    const token = Math.max(0, tokenSeconds - usedFor);
    const lingers = hasJoined ? LEAVE_SECONDS + SESSION_LINGERS_MS / 1_000 : 0;
    return { share: 0.5, use: usedFor, token, session: Math.max(0, lingers - token) };
  };
  return [kind(use.answered, true), kind(use.unanswered, callersJoin === "at once")];
}

/** Whether a caller is on the stage while it rings, so that IVS has a session that lingers. */
export type CallersJoin = "at once" | "on answer";

export interface Pool {
  readonly stages: number;
  readonly ringSeconds: number;
  readonly callersJoin: CallersJoin;
}

/** The time until the keeper has seen it: half a round through all stages, and a second of its work. */
const lagSeconds = (stages: number): number => Math.max(1, stages / LISTED_PER_SECOND) / 2 + 1;

/** Calls a second. */
export function ceiling({ stages, ringSeconds, callersJoin }: Pool): number {
  const kinds = kindsOf(ringSeconds, callersJoin);
  const mean = (of: (kind: Kind) => number): number =>
    kinds.reduce((sum, kind) => sum + kind.share * of(kind), 0);
  const held = mean(({ use, token, session }) => use + token + session) + lagSeconds(stages);
  let perSecond = stages / held;
  // What is saved depends on the number of waiting stages.
  for (let turn = 0; turn < 50; turn += 1) perSecond = (stages + spared(kinds, perSecond)) / held;
  return perSecond;
}

/** Stage-seconds that checks, and then replacements, save in each second, the longest waits first. */
function spared(kinds: readonly Kind[], perSecond: number): number {
  let [replacements, looks, seconds] = [REPLACED_PER_SECOND, LOOKED_AT_PER_SECOND, 0];
  const waits = ({ token, session }: Kind): number => token + session;
  for (const kind of kinds.toSorted((one, other) => waits(other) - waits(one))) {
    const calls = perSecond * kind.share;
    const lookedAt = kind.session > 0 ? Math.min(looks, calls) : 0;
    const replaced = Math.min(replacements, calls - lookedAt);
    seconds += replaced * waits(kind) + lookedAt * kind.session;
    replacements -= replaced;
    looks -= lookedAt;
  }
  return seconds;
}

/** The number of stages that serves every call at this rate. */
export function stagesFor(perSecond: number, pool: Omit<Pool, "stages">): number {
  let [least, most] = [1, 1_000_000];
  while (most - least > 1) {
    const middle = Math.floor((least + most) / 2);
    if (ceiling({ ...pool, stages: middle }) < perSecond) least = middle;
    else most = middle;
  }
  return most;
}

/** From then on the stages of the first calls are back, and the full pool at the start has no effect. */
export const WARM_UP_MINUTES = 7;
