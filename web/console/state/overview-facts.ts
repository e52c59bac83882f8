/** A day in numbers, as the console's server tells it, and what the page makes of it. */
import * as z from "zod/mini";
import type { OverviewView } from "../../../tools/console/views.ts";
import { END_REASONS } from "../../../events/end-reason.ts";
import { LIST_PRICES } from "./cost.ts";
import { facts, list, reads } from "./facts.ts";

const number = z.number();

export const overviewSchema = reads<OverviewView>()(
  facts({
    fromMs: number,
    untilMs: number,
    isWhole: z.boolean(),
    living: number,
    mostLiving: number,
    ended: number,
    answered: number,
    byReason: list(facts({ reason: z.enum(END_REASONS), calls: number })),
    hours: list(facts({ fromMs: number, answered: number, unanswered: number })),
    rang: number,
    toRingMs: z.optional(facts({ p50: number, p99: number })),
    pushes: number,
    failures: list(
      facts({ channel: z.string(), outcome: z.string(), reason: z.optional(z.string()), devices: number }),
    ),
    talkMs: facts({ audio: number, video: number }),
    pool: facts({
      maxStages: number,
      counts: facts({ free: number, leased: number, resting: number, retiring: number }),
    }),
  }),
);
export type OverviewFacts = z.output<typeof overviewSchema>;

/** Metered units of a call, as `npm run bench -- cost` counts them: docs/performance.md. */
const DOLLARS_OF_ANSWERED = 317e-6;
const DOLLARS_OF_UNANSWERED = 240e-6;
const DOLLARS_OF_TALK_HOUR = 77e-6;
/** The log does not tell how many were in a call. */
const PARTICIPANTS = 2;
const HOUR_MS = 3_600_000;

export interface DayCost {
  readonly media: number;
  readonly orchestration: number;
}

/** At list prices of us-east-1, each answered call as one of two people. */
export function costOfDay({ ended, answered, talkMs }: OverviewFacts): DayCost {
  const hours = { audio: talkMs.audio / HOUR_MS, video: talkMs.video / HOUR_MS };
  return {
    media:
      PARTICIPANTS *
      (hours.audio * LIST_PRICES.audioParticipantHour + hours.video * LIST_PRICES.videoParticipantHour),
    orchestration:
      answered * DOLLARS_OF_ANSWERED +
      (ended - answered) * DOLLARS_OF_UNANSWERED +
      (hours.audio + hours.video) * DOLLARS_OF_TALK_HOUR,
  };
}

/** `43%`; a part of nothing is no part. */
export const partOf = (part: number, whole: number): string | undefined =>
  whole === 0 ? undefined : `${Math.round((part / whole) * 100)}%`;
