/** What a deployment may choose, read from CDK context. A value that does not fit stops the synthesis with its name. */
import {
  ACCESS_TOKEN_MINUTES,
  CLEAN_UP_CONCURRENCY,
  CLEAN_UP_TOLERATED_PERCENT,
  DELETIONS_PER_HOUR,
  MAX_CALL_SECONDS,
  MAX_STAGES,
  MIN_STAGES,
  REGISTRATIONS_PER_HOUR,
  REMOVAL_GRACE_SECONDS,
  RING_ATTEMPTS_PER_MINUTE,
  RING_SECONDS,
  STALE_DAYS,
  TOKEN_SECONDS,
} from "../calls/limits.ts";
import { DEFAULT_STACK, LONGEST_STACK_NAME } from "./names.ts";

export type Push = "pinpoint" | "direct" | "none";
/** Whether people make themselves accounts, or only operators make them. */
export type SignUp = "open" | "closed";

/** Names of Secrets Manager secrets with push credentials, and which channels to make of them. */
export interface PushCredentials {
  readonly fcmSecret?: string;
  readonly apnsSecret?: string;
  readonly apnsCertificateSecret?: string;
  readonly apnsSandbox: boolean;
}

/** Deleting clients, on request and by night. */
export interface CleanUpSettings {
  readonly nightly: boolean;
  /** Nightly runs only say what they would delete. */
  readonly dryRun: boolean;
  readonly cron: string;
  readonly timeZone: string;
  readonly staleDays: number;
  /** Batches of 100 clients at once, each a second or longer. */
  readonly concurrency: number;
  readonly toleratedPercent: number;
  /** What becomes of the rows that say which calls a deleted client was in. */
  readonly callHistory: "delete" | "keep";
}

export interface Settings {
  /** Every physical name of a stack other than the default one begins with it. */
  readonly stackName: string;
  readonly cleanUp: CleanUpSettings;
  readonly ringSeconds: number;
  readonly maxCallSeconds: number;
  /** How long a participant token is good for joining, after the ring or the answer. */
  readonly tokenSeconds: number;
  readonly ringAttemptsPerMinute: number;
  readonly registrationsPerHour: number;
  readonly deletionsPerHour: number;
  readonly signUp: SignUp;
  /** How long an access token works, whatever becomes of its user. */
  readonly accessTokenMinutes: number;
  /** Of access tokens: names the sign-in. Phones that send no deviceId are told apart by it. */
  readonly signInClaim: string;
  /** After a call's end, until whoever still publishes is removed from its stage. */
  readonly removalGraceSeconds: number;
  /** Stages that the deployment makes, and that the pool may grow to. */
  readonly minStages: number;
  readonly maxStages: number;
  readonly push: Push;
  readonly pushCredentials: PushCredentials;
  /** A Pinpoint application that the account has, with its channels. */
  readonly pinpointAppId?: string;
  /** The SNS topic that hears of alarms. */
  readonly alarmTopicArn?: string;
  /** Whether people, calls and tables outlive the stack. */
  readonly retain: boolean;
  /** Whether AWS refuses to delete tables and user pool. A first deployment that fails could not take them back. */
  readonly deletionProtection: boolean;
  /** Whether the browser phone is deployed with the stack. */
  readonly site: boolean;
}

/** A setting that does not fit: the message says which, and what was expected. */
export class SettingError extends Error {}

/** Gives the context value of a key, or undefined. */
type ReadContext = (key: string) => unknown;

/** Settings that there are no more. */
const REPLACED: Readonly<Record<string, string>> = {
  stagePoolTarget: "use minStages for what the deployment makes, and maxStages for what the pool may grow to",
  stageEmptyProof: "leave it out, the keeper of the pool uses every proof",
};

/** `given`: all context, what CDK itself keeps there included. A name that is no setting's is taken for a slip of the pen. */
export function readSettings(given: Readonly<Record<string, unknown>>): Settings {
  for (const [name, instead] of Object.entries(REPLACED)) {
    if (name in given) throw new SettingError(`context "${name}": ${instead}`);
  }
  const known = new Set<string>();
  const settings = settingsOf((key) => {
    known.add(key);
    return given[key];
  });
  // CDK's own keys have colons, slashes or dashes.
  const unknown = Object.keys(given).find((key) => /^\w+$/.test(key) && !known.has(key));
  if (unknown !== undefined)
    throw new SettingError(`context "${unknown}": expected one of ${[...known].toSorted().join(", ")}`);
  return settings;
}

function settingsOf(context: ReadContext): Settings {
  const push = oneOf(context, "push", ["pinpoint", "direct", "none"]);
  return {
    stackName: readStackName(context),
    ringSeconds: wholeNumber(context, "ringSeconds", RING_SECONDS),
    maxCallSeconds: wholeNumber(context, "maxCallSeconds", MAX_CALL_SECONDS),
    tokenSeconds: wholeNumber(context, "tokenSeconds", TOKEN_SECONDS),
    ringAttemptsPerMinute: wholeNumber(context, "ringAttemptsPerMinute", RING_ATTEMPTS_PER_MINUTE),
    registrationsPerHour: wholeNumber(context, "registrationsPerHour", REGISTRATIONS_PER_HOUR),
    deletionsPerHour: wholeNumber(context, "deletionsPerHour", DELETIONS_PER_HOUR),
    signUp: oneOf(context, "signUp", ["open", "closed"]),
    accessTokenMinutes: wholeNumber(context, "accessTokenMinutes", ACCESS_TOKEN_MINUTES),
    signInClaim: matching(context, "signInClaim", /^[\w:./-]{1,128}$/, "origin_jti"),
    removalGraceSeconds: wholeNumber(context, "removalGraceSeconds", REMOVAL_GRACE_SECONDS),
    ...readPool(context),
    push,
    ...readPushCredentials(context, push),
    cleanUp: readCleanUp(context),
    ...readAlarmTopic(context),
    retain: flag(context, "retain", true),
    deletionProtection: flag(context, "deletionProtection", false),
    site: flag(context, "site", false),
  };
}

/** CloudFormation wants a letter first. */
function readStackName(context: ReadContext): string {
  const given = context("stackName") ?? DEFAULT_STACK;
  const form = new RegExp(`^[A-Za-z][A-Za-z0-9-]{0,${LONGEST_STACK_NAME - 1}}$`);
  if (typeof given === "string" && form.test(given)) return given;
  const expected = `1 to ${LONGEST_STACK_NAME} letters, digits and hyphens, a letter first`;
  throw refusal("stackName", expected, given);
}

/** A pool that may have fewer than the usual number begins with as many as it may have. */
function readPool(context: ReadContext): { minStages: number; maxStages: number } {
  const maxStages = wholeNumber(context, "maxStages", MAX_STAGES);
  const byDefault = Math.min(MIN_STAGES.default, maxStages);
  const minStages = wholeNumber(context, "minStages", { ...MIN_STAGES, default: byDefault });
  if (minStages <= maxStages) return { minStages, maxStages };
  throw new SettingError(
    `context "minStages": expected no more than maxStages, ${maxStages}, got ${minStages}`,
  );
}

function readCleanUp(context: ReadContext): CleanUpSettings {
  return {
    nightly: flag(context, "cleanUpNightly", true),
    dryRun: flag(context, "cleanUpDryRun", false),
    cron: matching(context, "cleanUpCron", /^cron\(\S+( \S+){5}\)$/, "cron(30 3 * * ? *)"),
    timeZone: matching(context, "cleanUpTimeZone", /^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/, "UTC"),
    staleDays: wholeNumber(context, "staleDays", STALE_DAYS),
    concurrency: wholeNumber(context, "cleanUpConcurrency", CLEAN_UP_CONCURRENCY),
    toleratedPercent: wholeNumber(context, "cleanUpToleratedPercent", CLEAN_UP_TOLERATED_PERCENT),
    callHistory: oneOf(context, "callHistory", ["delete", "keep"]),
  };
}

function readPushCredentials(
  context: ReadContext,
  push: Push,
): Pick<Settings, "pushCredentials" | "pinpointAppId"> {
  const fcmSecret = secretName(context, "fcmSecret");
  const apnsSecret = secretName(context, "apnsSecret");
  const apnsCertificateSecret = secretName(context, "apnsCertificateSecret");
  const apnsSandbox = flag(context, "apnsSandbox", false);
  if (apnsSecret && apnsCertificateSecret) {
    throw new SettingError('context "apnsSecret" and "apnsCertificateSecret": name one of them, not both');
  }
  if (apnsSandbox && !apnsSecret && !apnsCertificateSecret) {
    throw new SettingError(
      'context "apnsSandbox": expected "apnsSecret" or "apnsCertificateSecret" beside it',
    );
  }
  if (push === "direct" && apnsCertificateSecret) {
    throw new SettingError(
      'context "apnsCertificateSecret": "push": "direct" signs in to APNs with a key; name one in "apnsSecret", or choose "pinpoint"',
    );
  }
  if (push === "none" && (fcmSecret ?? apnsSecret ?? apnsCertificateSecret)) {
    throw new SettingError(
      'context "push": "none" uses no credentials; leave them out or choose "pinpoint" or "direct"',
    );
  }
  const pinpointAppId = readPinpointApp(context, push);
  if (pinpointAppId && (fcmSecret ?? apnsSecret ?? apnsCertificateSecret)) {
    throw new SettingError(
      'context "pinpointAppId": an application that exists has its channels; leave out the secrets, or let the stack make an application',
    );
  }
  const pushCredentials = {
    ...(fcmSecret && { fcmSecret }),
    ...(apnsSecret && { apnsSecret }),
    ...(apnsCertificateSecret && { apnsCertificateSecret }),
    apnsSandbox,
  };
  return { pushCredentials, ...(pinpointAppId && { pinpointAppId }) };
}

function readPinpointApp(context: ReadContext, push: Push): string | undefined {
  const given = context("pinpointAppId");
  if (given === undefined) return undefined;
  if (typeof given !== "string" || !/^[0-9a-f]{32}$/.test(given))
    throw refusal("pinpointAppId", "the id of a Pinpoint application, 32 hexadecimal digits", given);
  if (push === "pinpoint") return given;
  throw new SettingError(
    `context "pinpointAppId": "push": "${push}" uses no Pinpoint; leave one of them out`,
  );
}

interface Range {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

/** `cdk -c key=value` gives text, `cdk.json` gives JSON: both forms count. */
function wholeNumber(context: ReadContext, key: string, range: Range): number {
  const given = context(key) ?? range.default;
  const value = typeof given === "string" && given.trim() !== "" ? Number(given) : given;
  if (typeof value === "number" && Number.isInteger(value) && value >= range.min && value <= range.max) {
    return value;
  }
  throw refusal(key, `a whole number from ${range.min} to ${range.max}`, given);
}

/** The first choice is the default. */
function oneOf<const Choice extends string>(
  context: ReadContext,
  key: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const given = context(key) ?? choices[0];
  const choice = choices.find((candidate) => candidate === given);
  if (choice === undefined) throw refusal(key, choices.join(" or "), given);
  return choice;
}

function flag(context: ReadContext, key: string, byDefault: boolean): boolean {
  const given = context(key) ?? byDefault;
  if (given === true || given === "true") return true;
  if (given === false || given === "false") return false;
  throw refusal(key, "true or false", given);
}

function matching(context: ReadContext, key: string, form: RegExp, byDefault: string): string {
  const given = context(key) ?? byDefault;
  if (typeof given === "string" && form.test(given)) return given;
  throw refusal(key, `a value such as ${byDefault}`, given);
}

function secretName(context: ReadContext, key: string): string | undefined {
  const given = context(key);
  if (given === undefined) return undefined;
  if (typeof given === "string" && /^[\w/+=.@-]{1,512}$/.test(given)) return given;
  // The value is left out: who gets this wrong may have pasted the credential itself.
  throw new SettingError(
    `context "${key}": expected the name of a secret in Secrets Manager, not its ARN or value`,
  );
}

function readAlarmTopic(context: ReadContext): { alarmTopicArn?: string } {
  const given = context("alarmTopicArn");
  if (given === undefined) return {};
  const isTopic = typeof given === "string" && /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]{1,256}$/.test(given);
  if (!isTopic) throw refusal("alarmTopicArn", "the ARN of a standard SNS topic", given);
  return { alarmTopicArn: given };
}

function refusal(key: string, expected: string, given: unknown): SettingError {
  return new SettingError(`context "${key}": expected ${expected}, got ${JSON.stringify(given)}`);
}
