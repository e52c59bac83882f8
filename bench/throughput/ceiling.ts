/**
 * The most calls that can begin in a second for ever, by the arithmetic of docs/scale.md: as many stages come back as are taken.
 *
 * A call keeps its stage while it lasts, then until its last participant token has expired, then until the keeper has seen that
 * the stage is empty. The stage of an unanswered call can be replaced instead of waiting for the token: as often as IVS takes
 * DeleteStage and CreateStage.
 */
import { TOKEN_GRACE_SECONDS } from "../../calls/limits.ts";
import { COMPLETED, useSeconds } from "./arrivals.ts";

/** IVS allows 5 CreateStage and 5 DeleteStage a second. */
export const REPLACEMENTS_PER_SECOND = 5;
/** From the moment that a stage could be given out until the keeper has found that out and written it. */
export const LAG_SECONDS = 30;
const ANSWERED = 0.5;

export interface Ceiling {
  readonly perSecond: number;
  /** Stages that this rate needs. */
  readonly heldSeconds: number;
}

export function ceiling(stages: number, ringSeconds: number): Ceiling {
  const use = useSeconds(ringSeconds);
  const tokenSeconds = ringSeconds + TOKEN_GRACE_SECONDS;
  const rest = {
    answered: Math.max(0, tokenSeconds - use.answered),
    unanswered: Math.max(0, tokenSeconds - use.unanswered),
  };
  const heldSeconds =
    ANSWERED * (use.answered + rest.answered) +
    (1 - ANSWERED) * (use.unanswered + rest.unanswered) +
    LAG_SECONDS;
  const unreplaced = stages / heldSeconds;
  const replaced = Math.min(REPLACEMENTS_PER_SECOND, unreplaced * (1 - ANSWERED));
  const perSecond = (stages + replaced * rest.unanswered) / heldSeconds;
  return { perSecond, heldSeconds };
}

/** The stages from which on every call of this rate is served. */
export const stagesFor = (perSecond: number, ringSeconds: number): number => {
  const { heldSeconds } = ceiling(1, ringSeconds);
  return Math.ceil(perSecond * heldSeconds);
};

/** Of the mix: until the first stages come back, a full pool serves what is asked of it. */
export const WARM_UP_MINUTES = Math.ceil((COMPLETED.answerMs + COMPLETED.talkMs) / 60_000) + 1;
