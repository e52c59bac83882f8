/**
 * Delivery with retries, for rules and for schedules.
 *
 * D1 An error that repeating cannot mend (no permission, no such target, bad input) is not repeated.
 * D2 Others are repeated with growing, jittered pauses until the attempts or the age run out.
 * D3 What could not be delivered goes to the dead-letter queue, if there is one, with the reason in its attributes.
 */
import { AwsError, type Caller, type LocalAws } from "../local-aws.ts";
import { type Invocation, invokeTarget } from "./invoke-target.ts";
import { chance } from "../fresh-bytes.ts";

export interface RetryPolicy {
  readonly MaximumRetryAttempts?: number;
  readonly MaximumEventAgeInSeconds?: number;
}

export interface Delivery {
  /** Attempts are counted from 1. */
  invocation(attempt: number): Invocation;
  readonly retryPolicy?: RetryPolicy | undefined;
  readonly deadLetters?: DeadLetters | undefined;
  /** Called after a delivery that succeeded. */
  readonly delivered?: () => void;
}

export interface DeadLetters {
  readonly queueArn: string;
  readonly caller: Caller;
  readonly body: string;
  /** RULE_ARN and TARGET_ARN, or what a schedule says. */
  readonly attributes: Readonly<Record<string, string>>;
}

interface Exhausted {
  readonly error: AwsError;
  readonly retries: number;
  readonly condition?: "MaximumRetryAttempts" | "MaximumEventAgeInSeconds";
}

const DEFAULT_RETRIES = 185;
const DEFAULT_AGE_SECONDS = 86_400;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 600_000;

const CODES: readonly (readonly [RegExp, string, "permanent" | "temporary"])[] = [
  [/AccessDenied|NotAuthorized/, "NO_PERMISSIONS", "permanent"],
  [/NotFound|DoesNotExist|NonExistent/, "NO_RESOURCE", "permanent"],
  [/AlreadyExists/, "RESOURCE_ALREADY_EXISTS", "permanent"],
  [/Throttl|TooManyRequests/, "THROTTLING", "temporary"],
  [/LimitExceeded/, "RESOURCE_LIMIT_EXCEEDED", "temporary"],
  [/InvalidJson/, "INVALID_JSON", "permanent"],
  [/Invalid|Validation|Malformed|MissingParameter/, "INVALID_PARAMETER", "permanent"],
];

const classify = ({ code }: AwsError): { name: string; isPermanent: boolean } => {
  const [, name = "ERROR_FROM_TARGET", kind] = CODES.find(([pattern]) => pattern.test(code)) ?? [];
  return { name, isPermanent: kind === "permanent" };
};

/** Begins a delivery; the first attempt is made at once. Resolves when it has succeeded or was given up. */
export function deliver(localAws: LocalAws, delivery: Delivery): Promise<void> {
  return new Promise((over) => begin(localAws, delivery, over));
}

function begin(localAws: LocalAws, delivery: Delivery, over: () => void): void {
  const {
    MaximumRetryAttempts: retries = DEFAULT_RETRIES,
    MaximumEventAgeInSeconds: age = DEFAULT_AGE_SECONDS,
  } = delivery.retryPolicy ?? {};
  const endMs = localAws.clock.now() + age * 1000;

  async function attempt(number: number): Promise<void> {
    try {
      await invokeTarget(localAws, delivery.invocation(number));
      delivery.delivered?.();
      over();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      await again(number, error);
    }
  }

  async function again(number: number, error: AwsError): Promise<void> {
    const exhausted = { error, retries: number - 1 };
    const end = (how: Exhausted): Promise<void> => giveUp(localAws, delivery, how).then(over);
    if (classify(error).isPermanent) return end(exhausted);
    if (number > retries) return end({ ...exhausted, condition: "MaximumRetryAttempts" });
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (number - 1)) * (0.5 + chance() / 2);
    if (localAws.clock.now() + pauseMs > endMs) {
      return end({ ...exhausted, condition: "MaximumEventAgeInSeconds" });
    }
    localAws.clock.after(pauseMs, () => void attempt(number + 1));
  }

  void attempt(1);
}

/** A dead-letter queue that cannot be reached loses the event, as on AWS; local AWS tells of the refused call. */
async function giveUp(localAws: LocalAws, { deadLetters }: Delivery, exhausted: Exhausted): Promise<void> {
  if (!deadLetters) return;
  const { error, retries, condition } = exhausted;
  const reason: Record<string, string> = {
    ERROR_CODE: classify(error).name,
    ERROR_MESSAGE: error.message || error.code,
    RETRY_ATTEMPTS: String(retries),
  };
  if (condition) reason["EXHAUSTED_RETRY_CONDITION"] = condition;
  try {
    await invokeTarget(localAws, {
      arn: deadLetters.queueArn,
      input: deadLetters.body,
      caller: deadLetters.caller,
      attributes: { ...deadLetters.attributes, ...reason },
    });
  } catch (failed) {
    if (!(failed instanceof AwsError)) throw failed;
  }
}
