/** FilterLogEvents: the events of a group between two times that match a pattern, oldest first. */
import * as z from "zod";
import { AwsError, type Shape } from "../local-aws.ts";
import { listPage } from "../list-page.ts";
import { compileFilterPattern } from "./filter-pattern.ts";
import type { LogGroups } from "./log-groups.ts";

const MOST_EVENTS = 10_000;

const epochMs = z.number().int().nonnegative();
const request = z.strictObject({
  logGroupName: z.string().min(1).max(512).optional(),
  logGroupIdentifier: z.string().min(1).max(2_048).optional(),
  logStreamNames: z.array(z.string()).min(1).max(100).optional(),
  logStreamNamePrefix: z.string().optional(),
  startTime: epochMs.optional(),
  endTime: epochMs.optional(),
  filterPattern: z.string().max(1_024).default(""),
  nextToken: z.string().optional(),
  limit: z.unknown().optional(),
  /** Without effect on AWS, too. */
  interleaved: z.boolean().optional(),
  unmask: z.boolean().optional(),
});

export function filterLogEvents(groups: LogGroups, input: Shape): Shape {
  const { startTime = 0, endTime = Infinity, filterPattern, ...asked } = readRequest(input);
  const names = [asked.logGroupName, asked.logGroupIdentifier].filter((name) => name !== undefined);
  const [name] = names;
  if (name === undefined || names.length > 1)
    throw refuse("Exactly one of logGroupName and logGroupIdentifier is required.");
  if (asked.logStreamNames && asked.logStreamNamePrefix !== undefined)
    throw refuse("logStreamNames and logStreamNamePrefix exclude each other.");
  const matches = compileFilterPattern(filterPattern);
  const isInStream = (stream: string): boolean =>
    (asked.logStreamNames?.includes(stream) ?? true) && stream.startsWith(asked.logStreamNamePrefix ?? "");
  const found = groups
    .get(name)
    .events.filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime)
    .filter(({ logStreamName, message }) => isInStream(logStreamName) && matches(message));
  const { limit, nextToken: token } = asked;
  const { items, next } = listPage(found, { member: "limit", limit, most: MOST_EVENTS, token, refuse });
  return { events: items, searchedLogStreams: [], ...(next !== undefined && { nextToken: next }) };
}

export function readRequest(input: Shape): z.output<typeof request> {
  const parsed = request.safeParse(input);
  if (parsed.success) return parsed.data;
  throw refuse(z.prettifyError(parsed.error));
}

export const refuse = (message: string): AwsError => new AwsError("InvalidParameterException", message);
