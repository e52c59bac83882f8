/** Which view a path and a query ask for, and how it is read. */
import * as z from "zod";
import { readCall } from "./call.ts";
import { readCalls } from "./calls.ts";
import { callsQuery } from "./calls-query.ts";
import { readClient } from "./client.ts";
import { clientsQuery, readClients } from "./clients.ts";
import { readDeadLetters } from "./dead-letters.ts";
import { eventsQuery, readEvents } from "./events.ts";
import { readOperation, readOperations } from "./operations.ts";
import { overviewQuery, readOverview } from "./overview.ts";
import type { Reading } from "./reading.ts";
import { readSearch, searchQuery } from "./search.ts";
import { stackView, type ViewOptions } from "./stack.ts";
import { readStages } from "./stages.ts";
import { ViewProblem } from "./view-problem.ts";

export interface Asked {
  /** Two who ask for the same have the same. */
  readonly key: string;
  read(reading: Reading): Promise<unknown>;
}

type Read = (
  reading: Reading,
  query: Readonly<Record<string, string>>,
  options: ViewOptions,
) => Promise<unknown>;

const withQuery =
  <S extends z.ZodType>(schema: S, read: (reading: Reading, query: z.output<S>) => Promise<unknown>): Read =>
  async (reading, query) =>
    read(reading, checked(schema, query));
const nothingAsked = z.strictObject({});

const lists: Readonly<Record<string, Read>> = {
  stack: async ({ stack }, _query, options) => stackView(stack, options),
  calls: withQuery(callsQuery, readCalls),
  search: withQuery(searchQuery, readSearch),
  clients: withQuery(clientsQuery, readClients),
  stages: withQuery(nothingAsked, readStages),
  operations: withQuery(nothingAsked, readOperations),
  overview: withQuery(overviewQuery, readOverview),
  events: withQuery(eventsQuery, readEvents),
  "dead-letters": async (reading, _query, { canWrite = false }) => readDeadLetters(reading, canWrite),
};

const single: Readonly<Record<string, (reading: Reading, id: string) => Promise<unknown>>> = {
  calls: readCall,
  clients: readClient,
  operations: readOperation,
};

/** `path` is what stands behind `/console/api/`. Undefined if there is no such view. */
export function viewOf(path: string, query: string, options: ViewOptions): Asked | undefined {
  const [name = "", id, ...rest] = path.split("/").map(decoded);
  if (rest.length > 0) return undefined;
  const asked = given(query);
  const filters = Object.entries(asked).toSorted(([one], [other]) => one.localeCompare(other));
  const key = JSON.stringify([name, id, filters]);
  if (id !== undefined) {
    const readOne = Object.hasOwn(single, name) ? single[name] : undefined;
    return readOne && { key, read: (reading) => readOne(reading, id) };
  }
  const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
  return list && { key, read: (reading) => list(reading, asked, options) };
}

/** A filter that is left empty is none. */
export const given = (query: string): Record<string, string> =>
  Object.fromEntries([...new URLSearchParams(query)].filter(([, value]) => value !== ""));

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function checked<S extends z.ZodType>(
  schema: S,
  query: Readonly<Record<string, string>>,
): z.output<S> {
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => [...path, message].join(": "));
  throw new ViewProblem(400, "The request is not valid", problems.join("; "));
}
