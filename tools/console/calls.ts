/**
 * `calls`: the latest first. Each call has an execution named by its id, so the list comes from the executions of the state
 * machine. For one client it comes from the client's history rows, and the call that it is in.
 */
import { ListExecutionsCommand, type ExecutionListItem } from "@aws-sdk/client-sfn";
import * as z from "zod";
import { callIdSchema } from "../../calls/ids.ts";
import { BATCH } from "./batch-get.ts";
import { type CallsQuery, isFiltered, isWanted, PAGE } from "./calls-query.ts";
import { callsOfClient } from "./calls-of-client.ts";
import { filteredCalls, unknownAmong } from "./filtered-calls.ts";
import { pageToken, placeIn } from "./page-token.ts";
import type { Reading } from "./reading.ts";
import { rowsOf, storedCalls } from "./stored-calls.ts";
import type { CallsView } from "./views.ts";

/**
 * What a page of a filter may ask AWS for before it has found something: lists of executions, and calls by the hundred. The page
 * goes on from there by itself.
 */
const MOST_REQUESTS = 9;
/** Of a list that is filtered: one request lists them, the others read them. AWS wants each page of a list as long as the others. */
const LISTED = (MOST_REQUESTS - 1) * BATCH;
/** The sweep starts what never started: so much later than the call's own time an execution may begin. */
const LATE_START_MS = 3_600_000;

export async function readCalls(reading: Reading, query: CallsQuery): Promise<CallsView> {
  return query.client === undefined
    ? latestCalls(reading, query)
    : callsOfClient(reading, { ...query, client: query.client });
}

const placeSchema = z.object({
  /** Of ListExecutions; absent on its first page. */
  token: z.string().optional(),
  /** So many of that page were shown or looked at before. */
  skip: z.number().int().nonnegative(),
});
type Place = z.output<typeof placeSchema>;

async function latestCalls(reading: Reading, query: CallsQuery): Promise<CallsView> {
  const found = new Map<string, string>();
  let place: Place | undefined = placeIn(query.page, placeSchema) ?? { skip: 0 };
  let requests = 0;
  let lookedAt = 0;
  let lookedBackToMs: number | undefined;
  while (place && found.size < PAGE && requests < MOST_REQUESTS) {
    const { executions, next } = await listed(reading, query, place.token);
    requests += 1;
    const part = partOf(reading, query, executions, { skip: place.skip, room: MOST_REQUESTS - requests });
    requests += part.requests;
    const wanted = await wantedOf(reading, query, part.executions);
    const shown = wanted.slice(0, PAGE - found.size);
    for (const { name = "", status = "" } of shown) found.set(name, status);
    const last = shown.length < wanted.length ? shown.at(-1) : part.executions.at(-1);
    const done = last ? executions.indexOf(last) + 1 : executions.length;
    lookedAt += done - place.skip;
    lookedBackToMs = last?.startDate?.getTime() ?? lookedBackToMs;
    if (done < executions.length) place = { ...place, skip: done };
    else place = next === undefined ? undefined : { token: next, skip: 0 };
    if (isBefore(lookedBackToMs, query.from)) place = undefined;
    else if (place?.skip) break;
  }
  const calls = await storedCalls(reading, [...found.keys()]);
  const inOrder = [...found.keys()].flatMap((id) => calls.get(id) ?? []);
  return {
    calls: await rowsOf(reading, inOrder, ({ callId }) => found.get(callId)),
    lookedAt,
    ...(place && { nextPage: pageToken(place) }),
    ...(lookedBackToMs !== undefined && { lookedBackToMs }),
  };
}

const isBefore = (atMs: number | undefined, fromMs: number | undefined): boolean =>
  atMs !== undefined && fromMs !== undefined && atMs < fromMs;

/** A call that is not over has an execution that runs; of one that is, it may run still. */
async function listed({ sfn, stack }: Reading, query: CallsQuery, nextToken: string | undefined) {
  const { status } = query;
  const command = new ListExecutionsCommand({
    stateMachineArn: stack.callWorkflowArn,
    maxResults: isFiltered(query) ? LISTED : PAGE,
    ...(nextToken !== undefined && { nextToken }),
    ...(status !== undefined && status !== "ended" && { statusFilter: "RUNNING" }),
  });
  const { executions = [], nextToken: next } = await sfn.send(command);
  return { executions, next };
}

interface Bounds {
  readonly skip: number;
  /** So many more requests may be made. */
  readonly room: number;
}

/** As many as may be looked at: calls that began too late, or are known from before, need no request. */
function partOf(
  reading: Reading,
  query: CallsQuery,
  executions: readonly ExecutionListItem[],
  { skip, room }: Bounds,
) {
  const rest = executions.slice(skip);
  if (!isFiltered(query)) return { executions: rest, requests: 0 };
  let unknown = 0;
  const end = rest.findIndex((execution) => {
    const isUnknown = isOwn(execution, query) && unknownAmong(reading, [execution.name ?? ""]).length > 0;
    if (isUnknown) unknown += 1;
    return unknown > room * BATCH;
  });
  const part = end < 0 ? rest : rest.slice(0, end);
  return { executions: part, requests: Math.ceil(Math.min(unknown, room * BATCH) / BATCH) };
}

/** A call that was repaired stands where it began. No execution begins before its call. */
function isOwn({ name, startDate }: ExecutionListItem, { from = 0, to = Infinity }: CallsQuery): boolean {
  const startMs = startDate?.getTime() ?? 0;
  return startMs >= from && startMs <= to + LATE_START_MS && callIdSchema.safeParse(name).success;
}

/** Executions that no call is stored of are left out. */
async function wantedOf(
  reading: Reading,
  query: CallsQuery,
  executions: readonly ExecutionListItem[],
): Promise<ExecutionListItem[]> {
  const own = executions.filter((execution) => isOwn(execution, query));
  if (!isFiltered(query)) return own;
  const calls = await filteredCalls(
    reading,
    own.map(({ name = "" }) => name),
  );
  return own.filter(({ name = "" }) => {
    const call = calls.get(name);
    return call !== undefined && isWanted(call, query);
  });
}
