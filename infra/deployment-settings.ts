/** What a deployment may choose of the stack itself: its name, what outlives it, its alarms, and what the account's rules require. */
import { DEFAULT_STACK, LONGEST_STACK_NAME } from "./names.ts";
import { flag, matchingIfGiven, oneOf, type ReadContext, refusal } from "./setting-values.ts";

export interface DeploymentSettings {
  /** Every physical name of a stack other than the default one begins with it. */
  readonly stackName: string;
  /** Whether people, calls and tables outlive the stack. */
  readonly retain: boolean;
  /** Whether AWS refuses to delete tables and user pool. A failed first deployment could then not remove them. */
  readonly deletionProtection: boolean;
  /** Whether the browser phone is deployed with the stack. */
  readonly site: boolean;
  /** `lean`: no dashboard, and only the alarms that say that calls fail. */
  readonly operations: "full" | "lean";
  /** The SNS topic that alarms notify. */
  readonly alarmTopicArn?: string;
  /** Of every log group, instead of a month, or two weeks of events. */
  readonly logRetentionDays?: number;
  /** Of the stack; CloudFormation passes them to its resources. */
  readonly tags: Readonly<Record<string, string>>;
  /** Name or ARN of the policy that bounds every role. */
  readonly permissionsBoundary?: string;
  /** The customer's key for encryption at rest: tables, lists, queues, the signing key, logs. */
  readonly kmsKeyArn?: string;
}

export function readDeployment(context: ReadContext): DeploymentSettings {
  const logRetentionDays = readRetention(context);
  return {
    stackName: readStackName(context),
    retain: flag(context, "retain", true),
    deletionProtection: flag(context, "deletionProtection", false),
    site: flag(context, "site", false),
    operations: oneOf(context, "operations", ["full", "lean"]),
    ...matchingIfGiven(context, "alarmTopicArn", {
      form: /^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]{1,256}$/,
      expected: "the ARN of a standard SNS topic",
    }),
    ...(logRetentionDays !== undefined && { logRetentionDays }),
    tags: readTags(context),
    ...matchingIfGiven(context, "permissionsBoundary", {
      form: /^(?:arn:[\w-]+:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+|[\w+=,.@-]{1,128})$/,
      expected: "the name or the ARN of a managed policy",
    }),
    ...matchingIfGiven(context, "kmsKeyArn", {
      form: /^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/,
      expected: "the ARN of a KMS key, not an alias",
    }),
  };
}

/** CloudFormation requires a letter first. */
function readStackName(context: ReadContext): string {
  const given = context("stackName") ?? DEFAULT_STACK;
  const form = new RegExp(`^[A-Za-z][A-Za-z0-9-]{0,${LONGEST_STACK_NAME - 1}}$`);
  if (typeof given === "string" && form.test(given)) return given;
  const expected = `1 to ${LONGEST_STACK_NAME} letters, digits and hyphens, a letter first`;
  throw refusal("stackName", expected, given);
}

/** CloudWatch Logs takes only these. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

function readRetention(context: ReadContext): number | undefined {
  const given = context("logRetentionDays");
  if (given === undefined) return undefined;
  const days = typeof given === "string" ? Number(given) : given;
  if (typeof days === "number" && RETENTION_DAYS.includes(days)) return days;
  throw refusal("logRetentionDays", `one of ${RETENTION_DAYS.join(", ")}`, given);
}

/** CloudFormation takes so many for a stack. */
const MOST_TAGS = 50;
const TAG = /^(?!aws:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{N} _.:/=+@-]{0,256}$/u;

/** On the command line `team=calls,stage=prod`; in `cdk.json` an object as well. */
function readTags(context: ReadContext): Readonly<Record<string, string>> {
  const given = context("tags") ?? {};
  const pairs = pairsIn(given);
  const fits = pairs?.every(
    ([name, value]) => TAG.test(name) && typeof value === "string" && TAG_VALUE.test(value),
  );
  const names = new Set(pairs?.map(([name]) => name));
  if (!pairs || !fits || names.size < pairs.length)
    throw refusal(
      "tags",
      "name=value,name=value of letters, digits, spaces and _.:/=+@-, each name once, no name beginning with aws:",
      given,
    );
  if (names.size > MOST_TAGS) throw refusal("tags", `${MOST_TAGS} at most`, names.size);
  return Object.fromEntries(pairs) as Record<string, string>; // which are texts
}

/** Undefined for what is neither text nor an object. */
function pairsIn(given: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof given === "string") return given.split(",").map(tagIn);
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  return isObject ? Object.entries(given) : undefined;
}

function tagIn(text: string): [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
