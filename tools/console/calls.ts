/**
 * `calls`: the latest first. Each call has an execution named by its id, so the list comes from the executions of the state
 * machine. For one client it comes from the client's history rows, and the call that it is in.
 */
import { ListExecutionsCommand, type ExecutionListItem } from "@aws-sdk/client-sfn";
import * as z from "zod";
import type { Call } from "../../calls/call.ts";
import { callIdSchema } from "../../calls/ids.ts";
import { type CallsQuery, isWanted, PAGE } from "./calls-query.ts";
import { callsOfClient } from "./calls-of-client.ts";
import { pageToken, placeIn } from "./page-token.ts";
import type { Reading } from "./reading.ts";
import { rowOf, storedCalls } from "./stored-calls.ts";
import { sideBySide } from "./side-by-side.ts";
import type { CallsView } from "./views.ts";

/** How many executions one page looks through for calls that a filter keeps. */
const MOST_LOOKED_AT = 1_000;
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
  /** So many of that page were shown before. */
  skip: z.number().int().nonnegative(),
});
type Place = z.output<typeof placeSchema>;

interface Found {
  readonly call: Call;
  readonly execution: string;
}

async function latestCalls(reading: Reading, query: CallsQuery): Promise<CallsView> {
  const found: Found[] = [];
  let place: Place | undefined = placeIn(query.page, placeSchema) ?? { skip: 0 };
  let lookedBackToMs: number | undefined;
  for (let looked = 0; place && found.length < PAGE && looked < MOST_LOOKED_AT; looked += PAGE) {
    const { executions, next } = await listed(reading, query, place.token);
    const taken = await wantedOf(reading, query, executions.slice(place.skip));
    const room = PAGE - found.length;
    found.push(...taken.slice(0, room));
    lookedBackToMs = executions.at(-1)?.startDate?.getTime() ?? lookedBackToMs;
    const last = taken.length > room ? found.at(-1) : undefined;
    if (last) place = { ...place, skip: placeAfter(executions, last.call.callId) };
    else
      place =
        next !== undefined && !isBefore(lookedBackToMs, query.from) ? { token: next, skip: 0 } : undefined;
  }
  const calls = await sideBySide(found, ({ call, execution }) => rowOf(reading, call, execution));
  return {
    calls,
    ...(place && { nextPage: pageToken(place) }),
    ...(lookedBackToMs !== undefined && { lookedBackToMs }),
  };
}

const isBefore = (atMs: number | undefined, fromMs: number | undefined): boolean =>
  atMs !== undefined && fromMs !== undefined && atMs < fromMs;

const placeAfter = (executions: readonly ExecutionListItem[], callId: string): number =>
  executions.findIndex(({ name }) => name === callId) + 1;

/** A call that is not over has an execution that runs; of one that is, it may run still. */
async function listed({ sfn, stack }: Reading, { status }: CallsQuery, nextToken: string | undefined) {
  const command = new ListExecutionsCommand({
    stateMachineArn: stack.callWorkflowArn,
    maxResults: PAGE,
    ...(nextToken !== undefined && { nextToken }),
    ...(status !== undefined && status !== "ended" && { statusFilter: "RUNNING" }),
  });
  const { executions = [], nextToken: next } = await sfn.send(command);
  return { executions, next };
}

/** A call that was repaired stands where it began. Executions that no call is stored of are left out. */
async function wantedOf(
  reading: Reading,
  query: CallsQuery,
  executions: readonly ExecutionListItem[],
): Promise<Found[]> {
  const { to = Infinity } = query;
  const own = executions.filter(
    ({ name, startDate }) =>
      callIdSchema.safeParse(name).success && (startDate?.getTime() ?? 0) <= to + LATE_START_MS,
  );
  const calls = await storedCalls(
    reading,
    own.map(({ name = "" }) => name),
  );
  return own.flatMap(({ name = "", status: execution = "" }) => {
    const call = calls.get(name);
    return call && isWanted(call, query) ? [{ call, execution }] : [];
  });
}
