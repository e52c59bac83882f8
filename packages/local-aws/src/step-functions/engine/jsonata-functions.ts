/** What Step Functions adds to JSONata: $partition $range $hash $random $uuid $parse; and takes away: $eval. */
import { createHash } from "node:crypto";
import type jsonata from "jsonata";
import { newId, randomFraction } from "../randomness.ts";

export const ADDED_FUNCTIONS = ["partition", "range", "hash", "random", "uuid", "parse"] as const;

const HASHES: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};
/** AWS bounds the memory of an expression; this is what `$range` may build here. */
const MAX_RANGE_ITEMS = 10_000;

function partition(items: unknown[] | undefined, size: number): unknown[][] | undefined {
  if (items === undefined) return undefined;
  const length = Math.floor(size);
  if (!(length >= 1)) throw new Error("The chunk size of $partition must be at least 1");
  const count = Math.ceil(items.length / length);
  return Array.from({ length: count }, (_, index) => items.slice(index * length, (index + 1) * length));
}

/** A sequence of JSONata on AWS: one of a single item is that item. */
function range(first: number, last: number, delta: number): number[] | number {
  const [start, end, step] = [Math.floor(first), Math.floor(last), Math.floor(delta)];
  if (step === 0) throw new Error("The step of $range must not be 0");
  const count = Math.max(0, Math.floor((end - start) / step) + 1);
  if (!(count <= MAX_RANGE_ITEMS)) throw new Error(`$range yields more than ${MAX_RANGE_ITEMS} items`);
  return count === 1 ? start : Array.from({ length: count }, (_, index) => start + index * step);
}

function hash(data: string | undefined, algorithm: string): string | undefined {
  if (data === undefined) return undefined;
  const name = HASHES[algorithm];
  if (name === undefined) throw new Error(`$hash does not know the algorithm ${algorithm}`);
  return createHash(name).update(data).digest("hex");
}

/** The same seed gives the same number, though not the number that AWS gives. */
function random(seed?: number): number {
  if (seed === undefined) return randomFraction();
  const digest = createHash("sha256")
    .update(String(Math.floor(seed)))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

function parse(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}

export function adaptToStepFunctions(expression: jsonata.Expression): void {
  expression.registerFunction("partition", partition, "<a-n:a>");
  expression.registerFunction("range", range, "<nnn:x>");
  expression.registerFunction("hash", hash, "<s-s:s>");
  expression.registerFunction("random", random, "<n?:n>");
  expression.registerFunction("uuid", newId, "<:s>");
  expression.registerFunction("parse", parse, "<s-:x>");
  expression.assign("eval", undefined);
}
