/** Local CloudWatch Logs: groups that EventBridge writes to, and that people read. */
import {
  type AwsCall,
  AwsError,
  type LocalAws,
  type Operation,
  type Service,
  type Shape,
} from "../local-aws.ts";
import { checkPolicy, type PolicyDocument } from "../iam/resource-policy.ts";
import type { ResourceTypes } from "../resource.ts";
import { describeLogGroups } from "./describe-log-groups.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { createLogGroups, type LogGroups } from "./log-groups.ts";
import { logResources } from "./log-resources.ts";

export function createLogs(localAws: LocalAws): { service: Service; resources: ResourceTypes } {
  const groups = createLogGroups(localAws);
  const policies = new Map<string, PolicyDocument>();
  const operations: Record<string, Operation> = {
    FilterLogEvents: {
      permissions: ({ logGroupName, logGroupIdentifier }) => [
        {
          action: "logs:FilterLogEvents",
          resource: arnOf(localAws, String(logGroupName ?? logGroupIdentifier)),
        },
      ],
      run: (input) => filterLogEvents(groups, input),
      quota: { perSecond: 5, burst: 5 },
    },
    DescribeLogGroups: {
      permissions: () => [{ action: "logs:DescribeLogGroups", resource: arnOf(localAws, "*") }],
      run: (input) => describeLogGroups(groups, input),
      quota: { perSecond: 10, burst: 10 },
    },
    DeliverEvent: deliverEvent(localAws, groups, policies),
  };
  return { service: { name: "logs", operations }, resources: logResources(groups, policies) };
}

const arnOf = (localAws: LocalAws, nameOrArn: string): string =>
  nameOrArn.startsWith("arn:") ? nameOrArn : localAws.arn("logs", `log-group:${nameOrArn}`);

/** Not part of the API: how EventBridge writes to a group, which on AWS creates its streams and puts into them. */
const deliverEvent = (
  localAws: LocalAws,
  groups: LogGroups,
  policies: ReadonlyMap<string, PolicyDocument>,
): Operation => ({
  permissions: ({ logGroupArn }) => [{ action: "logs:PutLogEvents", resource: String(logGroupArn) }],
  run({ logGroupArn, message }, call) {
    const group = groups.get(String(logGroupArn));
    const logStreamName = streamOf(call);
    const statements = [...policies.values()].flatMap(({ Statement }) => Statement);
    for (const action of ["logs:CreateLogStream", "logs:PutLogEvents"]) {
      const resource = `${group.arn}:log-stream:${logStreamName}`;
      checkPolicy({ Statement: statements }, { ...writerOf(call), action, resource });
    }
    const text = String(message);
    groups.write(group, { logStreamName, timestamp: timeIn(text) ?? localAws.clock.now(), message: text });
    return {};
  },
});

function writerOf({ caller }: AwsCall): { principal: string; sourceArn: string } {
  if (caller.kind === "service") return caller;
  throw new AwsError("UnknownOperationException", "logs:DeliverEvent");
}

const streamOf = (call: AwsCall): string => writerOf(call).sourceArn.split("/").at(-1) ?? "";

/** An event's own time, in whole seconds. What a template has made of it may have none. */
function timeIn(message: string): number | undefined {
  try {
    const { time } = JSON.parse(message) as Shape;
    return typeof time === "string" ? Date.parse(time) : undefined;
  } catch {
    return undefined;
  }
}
