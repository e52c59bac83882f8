/** `calls.csv?from=&to=`: the calls that began between two moments, as a file for spreadsheets. */
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import * as z from "zod";
import { type Call, legsOf } from "../../calls/call.ts";
import { callIdSchema } from "../../calls/ids.ts";
import type { Reading } from "./reading.ts";
import { partiesOf, rowsOf, storedCalls } from "./stored-calls.ts";
import type { Party } from "./views.ts";
import { ViewProblem } from "./view-problem.ts";

const LONGEST_MS = 32 * 86_400_000;
export const csvQuery = z.strictObject({
  from: z.coerce.number().int().nonnegative(),
  to: z.coerce.number().int().nonnegative(),
});
type CsvQuery = z.output<typeof csvQuery>;

const PAGE = 1_000;
/** Executions that are looked through. */
const MOST_PAGES = 200;
/** The sweep starts what never started. */
const LATE_START_MS = 3_600_000;

const COLUMNS = [
  "call id",
  "began",
  "status",
  "ended as",
  "media",
  "caller",
  "caller id",
  "callees",
  "callee ids",
  "rang",
  "answered",
  "ended",
  "ms to ring",
  "ms to answer",
  "ms of talk",
] as const;

export async function callsAsCsv(reading: Reading, query: CsvQuery): Promise<string> {
  if (query.to - query.from > LONGEST_MS)
    throw new ViewProblem(400, "The request is not valid", "from, to: expected a month at most");
  const ids = await idsBetween(reading, query);
  const stored = await storedCalls(reading, ids);
  const calls = ids
    .flatMap((id) => stored.get(id) ?? [])
    .filter(({ createdAtMs }) => createdAtMs >= query.from && createdAtMs <= query.to);
  // The names of all, a hundred in a request.
  await rowsOf(reading, calls, () => undefined);
  const lines: string[] = [COLUMNS.join(",")];
  for (const call of calls) lines.push(lineOf(call, await partiesOf(reading, call)));
  return `${lines.join("\r\n")}\r\n`;
}

/** The latest first. */
async function idsBetween({ sfn, stack }: Reading, { from, to }: CsvQuery): Promise<string[]> {
  const ids: string[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const list: ListExecutionsCommand = new ListExecutionsCommand({
      stateMachineArn: stack.callWorkflowArn,
      maxResults: PAGE,
      ...(nextToken !== undefined && { nextToken }),
    });
    const { executions = [], nextToken: next } = await sfn.send(list);
    for (const { name, startDate } of executions) {
      const startMs = startDate?.getTime() ?? 0;
      if (startMs >= from && startMs <= to + LATE_START_MS)
        ids.push(...(callIdSchema.safeParse(name).data ? [name ?? ""] : []));
    }
    const lastMs = executions.at(-1)?.startDate?.getTime() ?? 0;
    if (next === undefined || lastMs < from) return ids;
    nextToken = next;
  }
  throw new ViewProblem(422, "Too far back", `the day lies behind ${MOST_PAGES * PAGE} calls`);
}

function lineOf(call: Call, parties: readonly Party[]): string {
  const { callId, status, endReason = "", media, createdAtMs, answeredAtMs, endedAtMs } = call;
  const rangAtMs = Math.min(...legsOf(call).flatMap(({ ringingAtMs }) => ringingAtMs ?? []));
  const [callers, callees] = (["caller", "callee"] as const).map((role) =>
    parties.filter((party) => party.role === role),
  );
  const names = (of: readonly Party[] = []): string => of.map(({ name = "" }) => name).join("; ");
  const ids = (of: readonly Party[] = []): string => of.map(({ clientId }) => clientId).join("; ");
  const rang = Number.isFinite(rangAtMs) ? rangAtMs : undefined;
  const since = (fromMs: number | undefined, atMs: number | undefined): string =>
    fromMs === undefined || atMs === undefined ? "" : String(atMs - fromMs);
  return [
    callId,
    time(createdAtMs),
    status,
    endReason,
    media,
    names(callers),
    ids(callers),
    names(callees),
    ids(callees),
    time(rang),
    time(answeredAtMs),
    time(endedAtMs),
    since(createdAtMs, rang),
    since(createdAtMs, answeredAtMs),
    since(answeredAtMs, endedAtMs),
  ]
    .map(field)
    .join(",");
}

const time = (atMs: number | undefined): string => (atMs === undefined ? "" : new Date(atMs).toISOString());

/** A spreadsheet takes what begins with these for a formula: a name may begin so. */
const FORMULA = /^[=+\-@\t\r]/;

export function field(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n;]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
