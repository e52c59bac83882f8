/** What AWS measures by itself, and what functions print in the embedded metric format, from what happens in the runtime. */
import type { RuntimeEvent } from "../local-aws.ts";
import type { Datum } from "./metric-store.ts";

export interface Ids {
  readonly apiId: () => string | undefined;
  readonly stateMachineArn: (name: string) => string;
}

type Event = RuntimeEvent & { readonly atMs: number };

export function measuredBy(event: Event, ids: Ids): Datum[] {
  const { atMs } = event;
  const datum = (namespace: string, name: string, dimensions: Datum["dimensions"], value = 1): Datum => ({
    namespace,
    name,
    dimensions,
    value,
    atMs,
  });
  switch (event.kind) {
    case "log":
      return embedded(event.line, atMs);
    case "invocation": {
      const of = { FunctionName: event.functionName };
      return [
        datum("AWS/Lambda", "Invocations", of),
        datum("AWS/Lambda", "Duration", of, event.durationMs),
        datum("AWS/Lambda", "Errors", of, event.error === undefined ? 0 : 1),
      ];
    }
    case "request": {
      const of = { ApiId: ids.apiId() ?? "" };
      const family = (least: number): number => Number(event.status >= least && event.status < least + 100);
      return [
        datum("AWS/ApiGateway", "Count", of),
        datum("AWS/ApiGateway", "4xx", of, family(400)),
        datum("AWS/ApiGateway", "5xx", of, family(500)),
        datum("AWS/ApiGateway", "Latency", of, event.durationMs),
      ];
    }
    case "execution-ended": {
      const metric = ENDED[event.status];
      const of = { StateMachineArn: ids.stateMachineArn(event.machine) };
      return metric ? [datum("AWS/States", metric, of)] : [];
    }
    case "aws-call":
      return event.error === undefined
        ? []
        : (event.resources ?? [])
            .flatMap((resource) => refusal(event.operation, event.error ?? "", resource))
            .map(([namespace, name, of]) => datum(namespace, name, of));
    case "event":
    case "execution-started":
    case "state-entered":
    case "push":
    case "verification-code":
    case "alarm":
      return [];
  }
}

const ENDED: Readonly<Record<string, string>> = {
  SUCCEEDED: "ExecutionsSucceeded",
  FAILED: "ExecutionsFailed",
  TIMED_OUT: "ExecutionsTimedOut",
  ABORTED: "ExecutionsAborted",
};

type Named = readonly [namespace: string, name: string, dimensions: Datum["dimensions"]];
const THROTTLED = /Throttling|ThroughputExceeded|RequestLimitExceeded/;

/** What a call that AWS refused counts as. */
function refusal(operation: string, error: string, resource: string): Named[] {
  const [, , service, , , name = ""] = resource.split(":");
  if (service === "lambda" && error === "TooManyRequestsException") {
    return [["AWS/Lambda", "Throttles", { FunctionName: resource.split(":")[6] ?? "" }]];
  }
  if (service !== "dynamodb" || !THROTTLED.test(error)) return [];
  const [, table = "", , index] = name.split("/");
  const metric = /^(Get|BatchGet|Query|Scan)/.test(operation) ? "ReadThrottleEvents" : "WriteThrottleEvents";
  const dimensions = { TableName: table, ...(index !== undefined && { GlobalSecondaryIndexName: index }) };
  return [["AWS/DynamoDB", metric, dimensions]];
}

interface Embedded {
  readonly _aws: {
    readonly Timestamp?: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** A line that holds metrics names each of them once for every set of dimensions; a value may be a list. */
function embedded(line: string, atMs: number): Datum[] {
  if (!line.includes('"_aws"')) return [];
  const said = JSON.parse(line) as Embedded;
  return said._aws.CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(said[name])]));
      return Metrics.flatMap(({ Name: name }) =>
        [said[name]].flat().map((value) => ({ namespace, name, dimensions, value: Number(value), atMs })),
      );
    }),
  );
}
