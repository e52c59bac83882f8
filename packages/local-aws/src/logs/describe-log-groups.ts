/** DescribeLogGroups: by the beginning or a part of their names, in the order of names. */
import * as z from "zod";
import type { Shape } from "../local-aws.ts";
import { listPage } from "../list-page.ts";
import { refuse } from "./filter-log-events.ts";
import type { LogGroup, LogGroups } from "./log-groups.ts";

const MOST_GROUPS = 50;
const request = z.strictObject({
  logGroupNamePrefix: z.string().optional(),
  logGroupNamePattern: z.string().optional(),
  limit: z.unknown().optional(),
  nextToken: z.string().optional(),
});

export function describeLogGroups(groups: LogGroups, input: Shape): Shape {
  const parsed = request.safeParse(input);
  if (!parsed.success) throw refuse(z.prettifyError(parsed.error));
  const { logGroupNamePrefix: prefix, logGroupNamePattern: part, limit, nextToken: token } = parsed.data;
  if (prefix !== undefined && part !== undefined)
    throw refuse("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  const found = groups
    .all()
    .filter(({ name }) => name.startsWith(prefix ?? ""))
    .filter(({ name }) => name.toLowerCase().includes((part ?? "").toLowerCase()))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const { items, next } = listPage(found, { member: "limit", limit, most: MOST_GROUPS, token, refuse });
  return { logGroups: items.map(describe), ...(next !== undefined && { nextToken: next }) };
}

const describe = ({ name, arn, createdAtMs, retentionDays, events }: LogGroup): Shape => ({
  logGroupName: name,
  arn: `${arn}:*`,
  logGroupArn: arn,
  creationTime: createdAtMs,
  ...(retentionDays !== undefined && { retentionInDays: retentionDays }),
  metricFilterCount: 0,
  logGroupClass: "STANDARD",
  storedBytes: events.reduce((bytes, { message }) => bytes + Buffer.byteLength(message), 0),
});
