/** Names that an account has given already, by type of resource, and what takes a resource away. */
import { CloudWatchLogsClient, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, ListEventBusesCommand, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { paginateListSchedules, SchedulerClient } from "@aws-sdk/client-scheduler";
import { paginateListStateMachines, SFNClient } from "@aws-sdk/client-sfn";
import { paginateListQueues, SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";
import type { ClientSettings } from "../connection.ts";
import type { SendSigned } from "../signed-requests.ts";

/** Lists all names of a type; undefined for a type that is not looked at. */
export type Names = Readonly<Record<string, (() => Promise<string[]>) | undefined>>;

const functions = z.object({
  Functions: z.array(z.object({ FunctionName: z.string() })),
  NextMarker: z.string().nullish(),
});

export function namesIn(settings: ClientSettings, send: SendSigned): Names {
  const sfn = new SFNClient(settings);
  const sqs = new SQSClient(settings);
  const logs = new CloudWatchLogsClient(settings);
  const scheduler = new SchedulerClient(settings);
  const events = new EventBridgeClient(settings);
  return {
    "AWS::StepFunctions::StateMachine": () =>
      all(paginateListStateMachines({ client: sfn }, {}), ({ stateMachines = [] }) =>
        stateMachines.map(({ name }) => name),
      ),
    "AWS::SQS::Queue": () =>
      all(paginateListQueues({ client: sqs }, { MaxResults: 1000 }), ({ QueueUrls = [] }) =>
        QueueUrls.map((url) => url.split("/").at(-1)),
      ),
    "AWS::Logs::LogGroup": () =>
      all(paginateDescribeLogGroups({ client: logs }, {}), ({ logGroups = [] }) =>
        logGroups.map(({ logGroupName }) => logGroupName),
      ),
    "AWS::Scheduler::Schedule": () =>
      all(paginateListSchedules({ client: scheduler }, { GroupName: "default" }), ({ Schedules = [] }) =>
        Schedules.map(({ Name }) => Name),
      ),
    "AWS::Events::EventBus": () =>
      byToken(async (NextToken) => {
        const reply = await events.send(new ListEventBusesCommand({ NextToken }));
        return { names: (reply.EventBuses ?? []).map(({ Name }) => Name), next: reply.NextToken };
      }),
    "AWS::Events::Rule": () =>
      byToken(async (NextToken) => {
        const reply = await events.send(new ListRulesCommand({ NextToken }));
        return { names: (reply.Rules ?? []).map(({ Name }) => Name), next: reply.NextToken };
      }),
    "AWS::Lambda::Function": () =>
      byToken(async (Marker) => {
        const query: Record<string, string> = Marker === undefined ? {} : { Marker };
        const text = await send({ host: "lambda", service: "lambda", path: "/2015-03-31/functions", query });
        const { Functions, NextMarker } = functions.parse(JSON.parse(text));
        return { names: Functions.map(({ FunctionName }) => FunctionName), next: NextMarker ?? undefined };
      }),
  };
}

type Given = readonly (string | undefined)[];

async function all<Page>(pages: AsyncIterable<Page>, namesOf: (page: Page) => Given): Promise<string[]> {
  const names: string[] = [];
  for await (const page of pages) names.push(...namesOf(page).flatMap((name) => name ?? []));
  return names;
}

async function byToken(
  read: (token: string | undefined) => Promise<{ names: Given; next: string | undefined }>,
): Promise<string[]> {
  const found: string[] = [];
  let token: string | undefined;
  do {
    const { names, next } = await read(token);
    found.push(...names.flatMap((name) => name ?? []));
    token = next;
  } while (token !== undefined);
  return found;
}
