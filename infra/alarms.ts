/** Every alarm: what it watches and what it means. docs/operations.md has a section for each that says what to do. */
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import {
  callPath,
  freeStages,
  failingReplies,
  functionMetric,
  graphqlMetric,
  nightlyCleanUps,
  ownMetric,
  stageDemand,
  stageQuotaFull,
  sumOf,
  throttledIndex,
  tablesOf,
  throttledRequests,
  unreadableSecrets,
} from "./metrics.ts";
import { physicalName } from "./physical-name.ts";
import type { DeadLetters, Watched } from "./watched.ts";

interface Watch {
  /** The alarm is called `ringmaster-<name>`. */
  readonly name: string;
  readonly meaning: string;
  readonly metric: IMetric;
  /** Alarms at this value and beyond. */
  readonly threshold: number;
  /** How many periods of the metric in a row; 1 unless told. */
  readonly periods?: number;
  /** Alarms at this value and below, and when there is no value at all. */
  readonly tooLittle?: true;
}

export function createAlarms(scope: Construct, watched: Watched): Alarm[] {
  const { alarmTopicArn: topicArn, operations } = watched.settings;
  const all = [
    ...callAlarms(watched),
    ...watched.deadLetters.map(deadLetterAlarm),
    ...(watched.settings.push === "none" ? [] : pushAlarms()),
    ...throttleAlarms(watched),
    ...(watched.settings.media === "ivs" ? poolAlarms(watched) : webhookAlarms()),
    ...repairAlarms(),
    ...cleanUpAlarms(watched),
    unverifiedAlarm(watched),
    removalAlarm,
    secretsAlarm(watched),
  ];
  return all
    .filter(({ name }) => operations === "full" || LEAN.includes(name))
    .map((watch) => createAlarm(scope, watch, topicArn));
}

/** Calls fail, or are about to. The other alarms say why, or warn earlier. */
const LEAN: readonly string[] = ["executions-failed", "api-failing", "stage-pool-low", "calls-repaired"];

/** Executions that did not reach their end. */
const endedBadly = (stateMachine: StateMachine): IMetric =>
  sumOf("failed, timed out or stopped", [
    stateMachine.metricFailed(),
    stateMachine.metricTimedOut(),
    stateMachine.metricAborted(),
  ]);

function callAlarms({ stateMachine, api, graphqlApi }: Watched): Watch[] {
  return [
    {
      name: "executions-failed",
      meaning: "The workflow of a call failed, timed out or was stopped",
      metric: endedBadly(stateMachine),
      threshold: 1,
    },
    {
      name: "functions-failing",
      meaning: "Functions that make, answer or end calls fail",
      metric: sumOf(
        "errors",
        callPath.map((name) => functionMetric(name, "Errors")),
      ),
      threshold: 3,
    },
    {
      name: "api-failing",
      meaning: "The HTTP API replies 5xx",
      metric: failingReplies(api),
      threshold: 5,
    },
    {
      name: "graphql-failing",
      meaning: "The GraphQL API fails inside: the directory and live updates of calls suffer",
      metric: graphqlMetric(graphqlApi.apiId, "5XXError"),
      threshold: 5,
    },
    {
      name: "time-to-token-slow",
      meaning: "One caller in a hundred waits 2 seconds or longer for the reply to initiateCall",
      metric: ownMetric("rest-entrypoint", "TimeToToken", { statistic: "p99" }),
      threshold: 2_000,
      periods: 3,
    },
  ];
}

const deadLetterAlarm = ({ functionName, queue }: DeadLetters): Watch => ({
  name: `dead-letters-${functionName}`,
  meaning: `${functionName} could not handle events: they wait in its dead-letter queue`,
  metric: visibleMessages(queue),
  threshold: 1,
});

export const visibleMessages = (queue: Queue): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", period: Duration.minutes(5) });

/** Below one in five, tokens go as people replace their phones: so many are ordinary in a large deployment. */
const manyTokensGone = (): IMetric =>
  new MathExpression({
    expression: "IF(FILL(gone, 0) >= 0.2 * (FILL(gone, 0) + FILL(accepted, 0)), FILL(gone, 0), 0)",
    usingMetrics: {
      gone: ownMetric("send-push", "Pushes_gone"),
      accepted: ownMetric("send-push", "Pushes_accepted"),
    },
    period: Duration.minutes(5),
    label: "gone, if one in five or more",
  });

function pushAlarms(): Watch[] {
  const failed = (["Pushes_failed", "Pushes_throttled"] as const).map((name) => ownMetric("send-push", name));
  return [
    {
      name: "time-to-push-slow",
      meaning: "Phones ring late: one call in a hundred waits 3 seconds or longer until a push is accepted",
      metric: ownMetric("send-push", "TimeToPush", { statistic: "p99" }),
      threshold: 3_000,
      periods: 3,
    },
    {
      name: "pushes-failing",
      meaning: "Push services refuse or throttle pushes, even repeated ones",
      metric: sumOf("not accepted", failed),
      threshold: 10,
    },
    {
      name: "tokens-gone",
      meaning:
        "Push networks reject many device tokens at once: apps use the wrong environment, or the credential is another app's",
      metric: manyTokensGone(),
      threshold: 10,
    },
  ];
}

function throttleAlarms({ stateMachine, tables }: Watched): Watch[] {
  // An alarm watches 10 metrics at most. The table of owners is left out: creating a person costs it one or two requests.
  const { people, clients, devices, calls, stages } = tables;
  return [
    {
      name: "functions-throttled",
      meaning: "Lambda refuses to run functions that make, answer or end calls",
      metric: sumOf(
        "throttled",
        callPath.map((name) => functionMetric(name, "Throttles")),
      ),
      threshold: 1,
    },
    {
      name: "workflow-throttled",
      meaning: "Step Functions holds back state transitions of calls",
      metric: stateMachine.metricThrottled({ statistic: "Sum", period: Duration.minutes(5) }),
      threshold: 1,
    },
    {
      name: "tables-throttled",
      meaning: "DynamoDB throttles reads or writes",
      metric: sumOf(
        "throttled",
        tablesOf(people, clients, devices, calls, stages).flatMap(throttledRequests),
      ),
      threshold: 10,
    },
    {
      name: "index-reads-throttled",
      meaning: "DynamoDB throttles reads of an index",
      metric: sumOf(
        "throttled",
        tables.indexes.map((index) => throttledIndex(index, "Read")),
      ),
      threshold: 10,
    },
    {
      name: "index-writes-throttled",
      meaning: "DynamoDB throttles writes to an index, and with them writes to its table",
      metric: sumOf(
        "throttled",
        tables.indexes.map((index) => throttledIndex(index, "Write")),
      ),
      threshold: 10,
    },
  ];
}

function poolAlarms({ settings: { minStages } }: Watched): Watch[] {
  return [
    {
      name: "stage-pool-low",
      meaning: "Free stages are short for the calls of the next half minute, or keep-stages does not run",
      metric: stagesAhead,
      threshold: Math.floor(Math.min(minStages, LARGE_POOL) / 4),
      periods: 2,
      tooLittle: true,
    },
    {
      name: "stage-quota-full",
      meaning: "IVS makes no more stages: this account has used up its quota in this Region",
      metric: stageQuotaFull(),
      threshold: 1,
    },
    {
      name: "stage-records-unreadable",
      meaning: "keep-stages cannot read some records of stages: those stages serve no calls",
      metric: ownMetric("keep-stages", "UnreadableStages"),
      threshold: 1,
      periods: 3,
    },
  ];
}

function webhookAlarms(): Watch[] {
  return [
    {
      name: "webhooks-refused",
      meaning:
        "Webhooks of the media server are refused: a key, a clock or the server's release differs, and phones that vanish are noticed late",
      metric: ownMetric("receive-webhook", "WebhooksRefused"),
      threshold: 5,
    },
  ];
}

/** In a larger pool, a quarter is more than any sudden rise takes. */
const LARGE_POOL = 1_000;

/** The free stages, less those that the calls of half a minute take. */
const stagesAhead = new MathExpression({
  expression: "free - perMinute / 2",
  usingMetrics: { free: freeStages(), perMinute: stageDemand() },
  period: Duration.minutes(5),
  label: "free stages ahead of demand",
});

function repairAlarms(): Watch[] {
  return [
    {
      name: "calls-repaired",
      meaning: "The sweep repaired several calls that had stopped half-way",
      metric: ownMetric("sweep-calls", "Repairs"),
      threshold: 5,
    },
    {
      name: "repairs-failing",
      meaning: "The sweep finds calls that it cannot repair",
      metric: ownMetric("sweep-calls", "FailedRepairs"),
      threshold: 1,
      periods: 3,
    },
  ];
}

/** A schedule that runs every day, at whatever time. */
const isDaily = (cron: string): boolean => /^cron\(\d+ \d+ (?:\* \* \?|\? \* \*) \*\)$/.test(cron);
/** A day, and room for the run itself and a change of the clocks. */
const HOURS_WITHOUT_A_NIGHT = 26;

function cleanUpAlarms({ cleanUp, settings: { cleanUp: settings } }: Watched): Watch[] {
  const failed = {
    name: "clean-ups-failed",
    meaning: "A deletion of clients failed, timed out or was stopped",
    metric: endedBadly(cleanUp),
    threshold: 1,
  };
  if (!settings.nightly || !isDaily(settings.cron)) return [failed];
  return [
    failed,
    {
      name: "clean-up-missing",
      meaning: "No run has searched for stale clients for 26 hours",
      metric: nightlyCleanUps({ period: Duration.hours(1) }),
      threshold: 0,
      periods: HOURS_WITHOUT_A_NIGHT,
      tooLittle: true,
    },
  ];
}

const unverifiedAlarm = ({ doubts }: Watched): Watch => ({
  name: "legs-unverified",
  meaning: "Calls whose phones may be gone have waited a quarter of an hour for a stage check",
  metric: ageOfOldest(doubts),
  threshold: 15 * 60,
  periods: 2,
});

/** Half of the time after which the remover replaces the stage. */
const removalAlarm: Watch = {
  name: "removals-waiting",
  meaning:
    "A participant whose part in a call is over has been on its stage for a minute, waiting for removal",
  metric: ownMetric("remove-participants", "RemovalWaitSeconds", { statistic: "Maximum" }),
  threshold: 60,
};

/** A function that starts meanwhile has nothing in memory and fails. */
const secretsAlarm = ({ settings }: Watched): Watch => ({
  name: "secrets-unreadable",
  meaning:
    "Functions cannot reload the signing key or a push credential: running ones use the value in memory, new ones fail",
  metric: sumOf("unreadable", unreadableSecrets(settings)),
  threshold: 1,
});

export const ageOfOldest = (queue: Queue): IMetric =>
  queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", period: Duration.minutes(5) });

function createAlarm(scope: Construct, watch: Watch, topicArn: string | undefined): Alarm {
  const { name, meaning, metric, threshold, periods = 1, tooLittle = false } = watch;
  const alarm = new Alarm(scope, name, {
    alarmName: physicalName(scope, `ringmaster-${name}`),
    alarmDescription: `${meaning}. What to do: docs/operations.md, ringmaster-${name}`,
    metric,
    threshold,
    evaluationPeriods: periods,
    comparisonOperator: tooLittle
      ? ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: tooLittle ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
  if (topicArn) {
    alarm.addAlarmAction(tell(topicArn));
    alarm.addOkAction(tell(topicArn));
  }
  return alarm;
}

/** CDK's own action would load all of SNS for these few lines. */
const tell = (topicArn: string): IAlarmAction => ({ bind: () => ({ alarmActionArn: topicArn }) });
