/** What a deployment may choose, read from CDK context. An invalid value stops the synthesis, and the error names it. */
import {
  CLEAN_UP_CONCURRENCY,
  CLEAN_UP_TOLERATED_PERCENT,
  DELETIONS_PER_HOUR,
  HINT_READERS,
  MAX_CALL_SECONDS,
  REGISTRATIONS_PER_HOUR,
  REMOVAL_GRACE_SECONDS,
  RING_ATTEMPTS_PER_MINUTE,
  RING_SECONDS,
  STALE_DAYS,
  TOKEN_SECONDS,
} from "../calls/limits.ts";
import { MAX_STAGES, MIN_STAGES } from "../handlers/media/ivs/quotas.ts";
import { type DeploymentSettings, readDeployment } from "./deployment-settings.ts";
import { type PeopleSettings, readPeople } from "./people-settings.ts";
import { type PushSettings, readPush } from "./push-settings.ts";
import { type MediaSettings, readMedia } from "./media-settings.ts";
import {
  flag,
  matching,
  oneOf,
  type ReadContext,
  refusal,
  SettingError,
  wholeNumber,
} from "./setting-values.ts";

/** Deleting clients, on request and by night. */
export interface CleanUpSettings {
  readonly nightly: boolean;
  /** Nightly runs only report what they would delete. */
  readonly dryRun: boolean;
  readonly cron: string;
  readonly timeZone: string;
  readonly staleDays: number;
  /** Batches of 100 clients at once, each a second or longer. */
  readonly concurrency: number;
  readonly toleratedPercent: number;
  /** What happens to the rows that list the calls of a deleted client. */
  readonly callHistory: "delete" | "keep";
}

export interface Settings extends DeploymentSettings, MediaSettings, PeopleSettings, PushSettings {
  readonly cleanUp: CleanUpSettings;
  readonly ringSeconds: number;
  readonly maxCallSeconds: number;
  /** How long a participant token is good for joining, after the ring or the answer. */
  readonly tokenSeconds: number;
  readonly ringAttemptsPerMinute: number;
  readonly registrationsPerHour: number;
  readonly deletionsPerHour: number;
  /** From a call's end until participants who still publish are removed from its stage. */
  readonly removalGraceSeconds: number;
  /** How many functions may read hints about participants, for each of their queues. */
  readonly hintReaders: number;
  /** Stages that the deployment makes, and that the pool may grow to. */
  readonly minStages: number;
  readonly maxStages: number;
}

/** Settings that no longer exist. */
const REPLACED: Readonly<Record<string, string>> = {
  stagePoolTarget: "use minStages for what the deployment makes, and maxStages for what the pool may grow to",
  stageEmptyProof: "leave it out, the keeper of the pool uses every proof",
};

/** `given`: all context, what CDK itself keeps there included. An unknown name counts as a typing error. */
export function readSettings(given: Readonly<Record<string, unknown>>): Settings {
  for (const [name, instead] of Object.entries(REPLACED)) {
    if (name in given) throw new SettingError(`context "${name}": ${instead}`);
  }
  const known = new Set<string>();
  const settings = settingsOf((key) => {
    known.add(key);
    return given[key];
  });
  /** Written with dashes, or with other capitals. */
  const plain = (key: string) => key.replaceAll("-", "").toLowerCase();
  const meant = (key: string) => [...known].find((name) => plain(name) === plain(key));
  // CDK's own keys have colons, slashes or dashes.
  const unknown = Object.keys(given).find((key) => !known.has(key) && (/^\w+$/.test(key) || meant(key)));
  const name = unknown === undefined ? undefined : meant(unknown);
  if (name !== undefined)
    throw new SettingError(`context "${unknown}": expected "${name}", which is the name of the setting`);
  if (unknown !== undefined)
    throw new SettingError(`context "${unknown}": expected one of ${[...known].toSorted().join(", ")}`);
  return settings;
}

function settingsOf(context: ReadContext): Settings {
  return {
    ...readDeployment(context),
    ...readPeople(context),
    ...readPush(context),
    ...readMedia(context),
    ringSeconds: wholeNumber(context, "ringSeconds", RING_SECONDS),
    maxCallSeconds: wholeNumber(context, "maxCallSeconds", MAX_CALL_SECONDS),
    tokenSeconds: wholeNumber(context, "tokenSeconds", TOKEN_SECONDS),
    ringAttemptsPerMinute: wholeNumber(context, "ringAttemptsPerMinute", RING_ATTEMPTS_PER_MINUTE),
    registrationsPerHour: wholeNumber(context, "registrationsPerHour", REGISTRATIONS_PER_HOUR),
    deletionsPerHour: wholeNumber(context, "deletionsPerHour", DELETIONS_PER_HOUR),
    removalGraceSeconds: wholeNumber(context, "removalGraceSeconds", REMOVAL_GRACE_SECONDS),
    hintReaders: wholeNumber(context, "hintReaders", HINT_READERS),
    ...readPool(context),
    cleanUp: readCleanUp(context),
  };
}

/** A pool that may not have the usual number of stages begins with the most that it may have. */
function readPool(context: ReadContext): { minStages: number; maxStages: number } {
  const maxStages = wholeNumber(context, "maxStages", MAX_STAGES);
  const byDefault = Math.min(MIN_STAGES.default, maxStages);
  const minStages = wholeNumber(context, "minStages", { ...MIN_STAGES, default: byDefault });
  if (minStages <= maxStages) return { minStages, maxStages };
  throw new SettingError(
    `context "minStages": expected no more than maxStages, ${maxStages}, got ${minStages}`,
  );
}

/** Minutes, hours, day of the month, month, day of the week, year. AWS wants a question mark in one of the days. */
const CRON = /^cron\(\S+ \S+ (?:\? \S+ [^\s?]\S*|[^\s?]\S* \S+ \?) \S+\)$/;

function readTimeZone(context: ReadContext): string {
  const given = context("cleanUpTimeZone") ?? "UTC";
  if (typeof given === "string" && isTimeZone(given)) return given;
  throw refusal("cleanUpTimeZone", "a time zone such as UTC or Europe/Berlin", given);
}

function isTimeZone(name: string): boolean {
  try {
    // An offset such as +02:00 is one for JavaScript, and none for a schedule.
    return (
      /^[A-Z]/.test(name) && new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions() !== null
    );
  } catch {
    return false;
  }
}

function readCleanUp(context: ReadContext): CleanUpSettings {
  return {
    nightly: flag(context, "cleanUpNightly", true),
    dryRun: flag(context, "cleanUpDryRun", false),
    cron: matching(context, "cleanUpCron", CRON, "cron(30 3 * * ? *)"),
    timeZone: readTimeZone(context),
    staleDays: wholeNumber(context, "staleDays", STALE_DAYS),
    concurrency: wholeNumber(context, "cleanUpConcurrency", CLEAN_UP_CONCURRENCY),
    toleratedPercent: wholeNumber(context, "cleanUpToleratedPercent", CLEAN_UP_TOLERATED_PERCENT),
    callHistory: oneOf(context, "callHistory", ["delete", "keep"]),
  };
}
