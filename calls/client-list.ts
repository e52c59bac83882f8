/**
 * Lists of clients to delete: as people write them, one client a line, and as the state machine reads them, one JSON object
 * a line. A line that names no client is carried along, so that the report can name it.
 */
import * as z from "zod/mini";
import { clientIdSchema, type ClientId } from "./ids.ts";

/** A line that names no client. */
const badLineSchema = z.object({ line: z.int().check(z.positive()), text: z.string() });

export type ListItem = { readonly clientId: ClientId } | z.infer<typeof badLineSchema>;

/** The part of such a line that the report shows: enough to find it. */
const SHOWN_CHARACTERS = 60;

/** Headers that people and spreadsheets write above a column of ids. */
const HEADERS: ReadonlySet<unknown> = new Set(["clientid", "clientids", "client", "clients", "id", "ids"]);

/** Bare ids, JSON strings and objects with a `clientId`, mixed as they come; blank lines and a header line are no items. */
export function listedClients(list: string): ListItem[] {
  const items: ListItem[] = [];
  let isFirst = true;
  for (const [index, line] of list.split(/\r\n|\n|\r/).entries()) {
    // A byte order mark counts as white space.
    const text = line.trim();
    if (text === "") continue;
    const said = saidIn(text);
    const clientId = clientIdIn(said);
    if (clientId !== undefined) items.push({ clientId });
    else if (!isFirst || !isHeader(said)) items.push({ line: index + 1, text: shown(text) });
    isFirst = false;
  }
  return items;
}

function saidIn(text: string): unknown {
  if (!/^["{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isHeader = (said: unknown): boolean =>
  typeof said === "string" && HEADERS.has(said.toLowerCase().replaceAll(/[ _-]/g, ""));

const shown = (text: string): string => text.slice(0, SHOWN_CHARACTERS);

/** As the state machine reads it. */
export const listOf = (items: readonly ListItem[]): string =>
  items.map((item) => `${JSON.stringify(item)}\n`).join("");

/** An item as the state machine gives it: an object with a client's id, or the id alone. Undefined: neither. */
export function clientIdIn(item: unknown): ClientId | undefined {
  const found = typeof item === "object" && item !== null && "clientId" in item ? item.clientId : item;
  const parsed = clientIdSchema.safeParse(found);
  return parsed.success ? parsed.data : undefined;
}

/** How a report names an item: by the client's id, or by the text of its line. */
export function namedIn(item: unknown): { clientId: string; line?: number } {
  const clientId = clientIdIn(item);
  if (clientId !== undefined) return { clientId };
  const bad = badLineSchema.safeParse(item);
  if (bad.success) return { clientId: bad.data.text, line: bad.data.line };
  return { clientId: shown(typeof item === "string" ? item : JSON.stringify(item)) };
}
