/** A JSON value with something odd in one of its places. */
import fc from "fast-check";
import type { Json } from "../../packages/local-aws/src/local-aws.ts";
import { ODD_NAMES, oddJson } from "./odd-json.ts";

type Place = readonly (string | number)[];
/** Undefined takes the member away. */
type Change = (old: Json) => Json | undefined;

/** Every place of a value, the whole of it first. */
function placesIn(value: Json, at: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [at];
  const members: [string | number, Json][] = Array.isArray(value)
    ? value.map((one, index) => [index, one])
    : Object.entries(value);
  return [at, ...members.flatMap(([name, one]) => placesIn(one, [...at, name]))];
}

function changedAt(value: Json, [name, ...rest]: Place, change: Change): Json | undefined {
  if (name === undefined) return change(value);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, one]) => {
    const next = key === String(name) ? changedAt(one as Json, rest, change) : (one as Json);
    return next === undefined ? [] : [[key, next] as const];
  });
  return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries);
}

/** Deeper ones than JSON.stringify takes exist as texts alone. */
const odd = oddJson
  .filter((text) => !/^[[{]{1000}|^(\{"a":){1000}/.test(text))
  .map((text) => JSON.parse(text) as Json);

const changes: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 5,
    arbitrary: odd.map(
      (value): Change =>
        () =>
          value,
    ),
  },
  { weight: 1, arbitrary: fc.constant<Change>(() => undefined) },
  { weight: 1, arbitrary: fc.constant<Change>((old) => [old, old]) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...ODD_NAMES), odd).map(withMember) },
);

/** By way of text, because only so `__proto__` becomes a member. */
function withMember([name, value]: readonly [string, Json]): Change {
  return (old) => {
    if (typeof old !== "object" || old === null || Array.isArray(old)) return value;
    const members = Object.entries(old).map(([key, one]) => `${JSON.stringify(key)}:${JSON.stringify(one)}`);
    return JSON.parse(
      `{${[...members, `${JSON.stringify(name)}:${JSON.stringify(value)}`].join(",")}}`,
    ) as Json;
  };
}

/** The body of a queue's message is text that holds JSON: its places count, too. */
export function mutationsOf(value: Json): fc.Arbitrary<Json> {
  const opened = withBodies(value, (body) => (typeof body === "string" ? (JSON.parse(body) as Json) : body));
  return fc
    .tuple(fc.constantFrom(...placesIn(opened)), changes)
    .map(([place, change]) => changedAt(opened, place, change) ?? null)
    .map((spoiled) => withBodies(spoiled, (body) => JSON.stringify(body)));
}

function withBodies(value: Json, change: (body: Json) => Json): Json {
  const records = typeof value === "object" && value !== null && "Records" in value ? value["Records"] : null;
  if (!Array.isArray(records)) return value;
  const changed = records.map((record) =>
    typeof record === "object" && record !== null && "body" in record
      ? { ...record, body: change(record["body"] as Json) }
      : record,
  );
  return { ...(value as Record<string, Json>), Records: changed };
}
