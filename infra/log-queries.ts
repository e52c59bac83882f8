/** CloudWatch Logs Insights queries, saved with the stack under its name: `Ringmaster/…`. */
import { Stack } from "aws-cdk-lib";
import { CfnQueryDefinition } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { workflowLogGroupOf } from "./call-workflow.ts";
import { logGroupNameOf } from "./function.ts";
import type { MediaProvider } from "../handlers/media/providers.ts";
import { type FunctionName, stackFunctions } from "./function-sizes.ts";

interface LogQuery {
  readonly name: string;
  readonly about: string;
  /** Without it every one of the stack. */
  readonly functions?: readonly FunctionName[];
  /** Also reads the steps of the workflow. */
  readonly steps?: true;
  readonly commands: readonly string[];
}

const queries: readonly LogQuery[] = [
  {
    name: "One call",
    about: "Everything about one call, across functions and workflow: put in its id",
    steps: true,
    commands: [
      "fields @timestamp, coalesce(service, type) as who, coalesce(message, details.name) as what, event, action, status, code, requestId, causedBy, xray_trace_id",
      'filter callId = "CALL_ID" or execution_arn like "CALL_ID"',
      "sort @timestamp asc",
      "limit 1000",
    ],
  },
  {
    name: "One request",
    about: "What one request or run did and set off: put in its id, which events and calls hold as causedBy",
    commands: [
      "fields @timestamp, service, message, event, action, status, code, callId, requestId, causedBy",
      'filter requestId = "REQUEST_ID" or causedBy = "REQUEST_ID"',
      "sort @timestamp asc",
      "limit 1000",
    ],
  },
  {
    name: "Refused requests",
    about: "Refused requests, by the code of the problem",
    functions: ["rest-entrypoint"],
    commands: [
      'filter message = "refused"',
      "stats count(*) as requests, latest(detail) as example by code, action",
      "sort requests desc",
    ],
  },
  {
    name: "Slow requests",
    about: "Requests that took half a second or longer inside rest-entrypoint",
    functions: ["rest-entrypoint"],
    commands: [
      "fields @timestamp, action, status, durationMs, cold_start, callId, requestId, xray_trace_id",
      'filter message = "replied" and durationMs >= 500',
      "sort durationMs desc",
      "limit 100",
    ],
  },
  {
    name: "Pushes by outcome",
    about: "Devices per type of push and outcome, hour by hour",
    functions: ["send-push"],
    commands: [
      'filter message = "pushed"',
      "stats sum(accepted) as accepted_devices, sum(gone) as gone_devices, sum(throttled) as throttled_devices, sum(failed) as failed_devices, sum(no_provider) as devices_without_provider by type, bin(1h)",
    ],
  },
  {
    name: "Vanished legs",
    about: "Hints that phones may be gone, stage checks, and removals of participants who stayed, by minute",
    functions: ["screen-hints", "verify-legs", "remove-participants"],
    commands: [
      'filter message in ["screened", "verified", "worked off"]',
      "stats sum(seen) as seen_publishing, sum(answered) as answered_hints, sum(doubtful) as doubtful_hints, sum(settled) as settled_calls, sum(there) as there_calls, sum(doubted) as doubted_calls, sum(dropped) as dropped_calls, sum(throttled) as throttled_requests, sum(removed) as removed_participants, sum(replaced) as replaced_stages by bin(1m)",
    ],
  },
  {
    name: "Failed functions",
    about: "Errors that functions logged, and runs that Lambda ended: timeouts and crashes",
    commands: [
      "fields @timestamp, service, message, error.name, error.message, callId, record.status, coalesce(requestId, record.requestId) as request",
      'filter level = "ERROR" or (ispresent(record.status) and record.status != "success")',
      "sort @timestamp desc",
      "limit 200",
    ],
  },
];

export function createLogQueries(scope: Construct, media: MediaProvider): void {
  for (const { name, about, functions = stackFunctions(media), steps, commands } of queries) {
    new CfnQueryDefinition(scope, `${name} query`, {
      name: `${Stack.of(scope).stackName}/${name}`,
      logGroupNames: [
        ...functions.map((one) => logGroupNameOf(scope, one)),
        ...(steps ? [workflowLogGroupOf(scope)] : []),
      ],
      queryString: `# ${about}\n${commands.join("\n| ")}`,
    });
  }
}
