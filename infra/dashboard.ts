/** The dashboard `ringmaster`, read downwards: is anything wrong, what callers notice, what runs, what runs short. */
import type { MetricNames } from "../handlers/edge/metric-name.ts";
import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { END_REASONS } from "../events/end-reason.ts";
import { ageOfOldest, visibleMessages } from "./alarms.ts";
import {
  callPath,
  freeStages,
  functionMetric,
  graphqlMetric,
  nightlyCleanUps,
  ownMetric,
  stageDemand,
  stageQuotaFull,
  tablesOf,
  throttledIndex,
  throttledRequests,
  unreadableSecrets,
} from "./metrics.ts";
import { physicalName } from "./physical-name.ts";
import type { Watched } from "./watched.ts";

const WHOLE_WIDTH = 24;

export function createDashboard(scope: Construct, watched: Watched, alarms: Alarm[]): void {
  // By name, because the local runtime knows no attributes of alarms.
  const named = alarms.map((alarm) => Alarm.fromAlarmName(scope, `${alarm.node.id} status`, alarm.alarmName));
  new Dashboard(scope, "dashboard", {
    dashboardName: physicalName(scope, "ringmaster"),
    defaultInterval: Duration.hours(3),
    widgets: [
      [new AlarmStatusWidget({ title: "Alarms", alarms: named, width: WHOLE_WIDTH, height: 4 })],
      row(calls(), endings(), timeToRing()),
      row(replies(watched), pushes(), executions(watched)),
      row(
        watched.settings.media === "ivs" ? stagePool(watched) : webhooks(),
        repairs(),
        deadLetters(watched),
      ),
      row(checks(), ageOfDoubts(watched), removals(), removalWait()),
      row(functionErrors(watched), throttles(watched), durations()),
      row(graphql(watched), deletions(watched), secrets(watched)),
    ],
  });
}

const row = (...widgets: ((width: number) => IWidget)[]): IWidget[] =>
  widgets.map((widget) => widget(WHOLE_WIDTH / widgets.length));

const graph =
  (title: string, left: IMetric[], unit = "count") =>
  (width: number): IWidget =>
    new GraphWidget({ title, left, width, leftYAxis: { min: 0, label: unit, showUnits: false } });

/** Sums of what a function counts, one line each. */
const sums = <Name extends keyof MetricNames>(
  service: Name,
  metrics: Readonly<Record<string, MetricNames[Name]>>,
): IMetric[] => Object.entries(metrics).map(([label, name]) => ownMetric(service, name, { label }));

const percentiles = <Name extends keyof MetricNames>(
  service: Name,
  metric: MetricNames[Name],
  what: string,
): IMetric[] =>
  ["p50", "p99"].map((statistic) => ownMetric(service, metric, { statistic, label: `${what} ${statistic}` }));

const calls = () =>
  graph(
    "Calls",
    sums("rest-entrypoint", { started: "CallsInitiated", answered: "CallsAnswered", busy: "CallsBusy" }),
  );

const endings = () =>
  graph(
    "How calls ended",
    sums(
      "close-stage",
      Object.fromEntries(END_REASONS.map((reason) => [reason, `CallEnded_${reason}` as const])),
    ),
  );

const timeToRing = () =>
  graph(
    "From the request to the token and to the push",
    [
      ...percentiles("rest-entrypoint", "TimeToToken", "token"),
      ...percentiles("send-push", "TimeToPush", "push"),
    ],
    "ms",
  );

const replies = ({ api }: Watched) =>
  graph("Replies", [
    ...sums("rest-entrypoint", { "2xx": "Replies_2xx", "4xx": "Replies_4xx", contended: "RepliesContended" }),
    api.metricServerError({ statistic: "Sum", label: "5xx of the API" }),
  ]);

const pushes = () =>
  graph(
    "Pushes by outcome",
    sums("send-push", {
      accepted: "Pushes_accepted",
      gone: "Pushes_gone",
      throttled: "Pushes_throttled",
      failed: "Pushes_failed",
    }),
  );

const executions = ({ stateMachine }: Watched) =>
  graph("Executions", [
    stateMachine.metricStarted({ statistic: "Sum", label: "started" }),
    stateMachine.metricFailed({ statistic: "Sum", label: "failed" }),
    stateMachine.metricTimedOut({ statistic: "Sum", label: "timed out" }),
    stateMachine.metricAborted({ statistic: "Sum", label: "stopped" }),
  ]);

const deletions = ({ cleanUp }: Watched) =>
  graph("Deletions of clients", [
    cleanUp.metricStarted({ statistic: "Sum", label: "started" }),
    cleanUp.metricFailed({ statistic: "Sum", label: "failed" }),
    cleanUp.metricTimedOut({ statistic: "Sum", label: "timed out" }),
    cleanUp.metricAborted({ statistic: "Sum", label: "stopped" }),
    nightlyCleanUps({ label: "by night" }),
    ...sums("delete-clients", { "clients deleted": "ClientsDeleted", "not deleted": "ClientsNotDeleted" }),
  ]);

const stagePool = ({ settings }: Watched) =>
  graph(`Free stages, of ${settings.maxStages} at most`, [
    freeStages(),
    stageDemand(),
    stageQuotaFull(),
    ownMetric("keep-stages", "UnreadableStages", { label: "records that cannot be read" }),
  ]);

const webhooks = () =>
  graph("Webhooks of the media server", [
    functionMetric("receive-webhook", "Invocations"),
    ...sums("receive-webhook", { refused: "WebhooksRefused" }),
  ]);

const repairs = () =>
  graph(
    "Calls repaired by the sweep",
    sums("sweep-calls", { repaired: "Repairs", "not repaired": "FailedRepairs" }),
  );

const checks = () =>
  graph("Phones that may be gone", [
    ...sums("screen-hints", { doubtful: "DoubtfulHints" }),
    ...sums("verify-legs", { dropped: "DroppedCalls" }),
  ]);

const ageOfDoubts = ({ doubts }: Watched) =>
  graph("Oldest call that waits for a stage check", [ageOfOldest(doubts)], "s");

const removals = () =>
  graph(
    "Participants removed from stages",
    sums("remove-participants", { removed: "Removals_removed", "stages replaced": "Removals_replaced" }),
  );

const secrets = ({ settings }: Watched) =>
  graph("Secrets that functions could not read again", unreadableSecrets(settings));

const removalWait = () =>
  graph(
    "Longest wait for a removal",
    [ownMetric("remove-participants", "RemovalWaitSeconds", { statistic: "Maximum", label: "waited" })],
    "s",
  );

const deadLetters = ({ deadLetters }: Watched) =>
  graph(
    "Dead letters",
    deadLetters.map(({ queue }) => visibleMessages(queue)),
  );

const functionErrors = ({ settings: { media } }: Watched) =>
  graph(
    "Errors of functions",
    (
      [
        ...callPath,
        "screen-hints",
        "verify-legs",
        "remove-participants",
        "sweep-calls",
        media === "ivs" ? "keep-stages" : "receive-webhook",
      ] as const
    ).map((name) => functionMetric(name, "Errors")),
  );

/** The directory, and live updates of calls on their way to phones. */
const graphql = ({ graphqlApi: { apiId } }: Watched) =>
  graph(
    "GraphQL",
    ["Requests", "4XXError", "5XXError", "ConnectSuccess", "PublishDataMessageSuccess"].map((name) =>
      graphqlMetric(apiId, name),
    ),
  );

const throttles = ({ stateMachine, tables }: Watched) => {
  const { people, owners, clients, devices, calls, stages } = tables;
  return graph("Throttled requests", [
    ...callPath.map((name) => functionMetric(name, "Throttles")),
    stateMachine.metricThrottled({ statistic: "Sum", label: "workflow" }),
    ...tablesOf(people, owners, clients, devices, calls, stages).flatMap(throttledRequests),
    ...tables.indexes.flatMap((index) => [throttledIndex(index, "Read"), throttledIndex(index, "Write")]),
  ]);
};

const durations = () =>
  graph(
    "Duration of functions, p99",
    callPath.map((name) => functionMetric(name, "Duration", "p99")),
    "ms",
  );
