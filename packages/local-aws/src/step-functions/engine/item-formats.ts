/** Items in the bytes of a file, one by one: JSON, JSON Lines, CSV. */
import type { Json } from "../../local-aws.ts";

/** A root that is an object gives its members as Key and Value. `pointer` is a JSON Pointer to what holds the items. */
export function itemsOfJson(text: string, pointer = ""): Json[] {
  let found = JSON.parse(text) as Json | undefined;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    found = typeof found === "object" && found !== null ? (found as Record<string, Json>)[name] : undefined;
  }
  if (Array.isArray(found)) return found;
  if (typeof found === "object" && found !== null) {
    return Object.entries(found).map(([Key, Value]) => ({ Key, Value }));
  }
  throw new Error(`the JSON has no array or object at '${pointer}'`);
}

const NEWLINE = 10;

/** Lines without content are none. */
function* linesOf(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.toString("utf8", at, end).trim();
    if (line !== "") yield line;
    at = end + 1;
  }
}

export function* itemsOfJsonLines(bytes: Buffer): Generator<Json> {
  let number = 0;
  for (const line of linesOf(bytes)) {
    number += 1;
    try {
      yield JSON.parse(line) as Json;
    } catch (cause) {
      throw new Error(`line ${number} is not JSON`, { cause });
    }
  }
}

export interface CsvFormat {
  readonly delimiter: string;
  /** Undefined: the first row has them. */
  readonly headers: readonly string[] | undefined;
}

/** Each row as an object of texts. A row may be shorter than the headers, not longer. */
export function* itemsOfCsv(text: string, { delimiter, headers: given }: CsvFormat): Generator<Json> {
  let headers = given;
  for (const row of rowsOf(text, delimiter)) {
    if (!headers) {
      headers = row;
      continue;
    }
    if (row.length > headers.length)
      throw new Error(`a row has ${row.length} values for ${headers.length} headers`);
    yield Object.fromEntries(headers.map((header, index) => [header, row[index] ?? ""]));
  }
}

/** RFC 4180: a value in quotation marks may hold delimiters, newlines, and quotation marks twice. */
function* rowsOf(text: string, delimiter: string): Generator<string[]> {
  let row: string[] = [];
  let value = "";
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? "";
    if (isQuoted) {
      if (char !== '"') value += char;
      else if (text[at + 1] === '"') value += text[(at += 1)] ?? "";
      else isQuoted = false;
    } else if (char === '"' && value === "") isQuoted = true;
    else if (char === delimiter) {
      row.push(value);
      value = "";
    } else if (char === "\n") {
      row.push(value.replace(/\r$/, ""));
      value = "";
      if (row.length > 1 || row[0] !== "") yield row;
      row = [];
    } else value += char;
  }
  if (value !== "" || row.length > 0) yield [...row, value];
}
