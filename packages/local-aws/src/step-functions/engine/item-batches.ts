/**
 * The inputs of a Map Run's children: one for each item, or with ItemBatcher several items in one, bounded by their number
 * and by their size. They are made one by one, when there is room for them: of millions of items only a few exist at once.
 */
import type { Json } from "../../local-aws.ts";
import { MAX_PAYLOAD_BYTES } from "./payload-limit.ts";
import type { ChildInput } from "../map-runs.ts";
import { evaluate, evaluateNumber, type Visit } from "./visit.ts";

export interface Batching {
  readonly mostItems: number;
  readonly mostBytes: number;
  /** What each batch has beside its items. Undefined: no batches, the item itself is the input. */
  readonly shared: Readonly<Record<string, Json>> | undefined;
}

export async function batchingOf(visit: Visit): Promise<Batching> {
  const { ItemBatcher: batcher } = visit.state;
  if (!batcher) return { mostItems: 1, mostBytes: MAX_PAYLOAD_BYTES, shared: undefined };
  const limit = async (field: string, most: number): Promise<number> => {
    const template = batcher[field];
    if (template === undefined) return most;
    return evaluateNumber(visit, `ItemBatcher/${field}`, template, { least: 1, most });
  };
  const mostItems = await limit("MaxItemsPerBatch", Number.MAX_SAFE_INTEGER);
  const mostBytes = await limit("MaxInputBytesPerBatch", MAX_PAYLOAD_BYTES);
  const { BatchInput: template } = batcher;
  const shared: Record<string, Json> =
    template === undefined ? {} : { BatchInput: await evaluate(visit, "ItemBatcher/BatchInput", template) };
  return { mostItems, mostBytes, shared };
}

export async function* inputsOf(
  visit: Visit,
  items: Iterable<Json>,
  { mostItems, mostBytes, shared }: Batching,
): AsyncGenerator<ChildInput, undefined> {
  const sharedBytes = Buffer.byteLength(JSON.stringify(shared ?? {}));
  let batch: Json[] = [];
  let bytes = sharedBytes;
  let index = 0;
  for (const value of items) {
    const item = await selected(visit, index, value);
    index += 1;
    if (!shared) {
      yield { input: item, itemCount: 1 };
      continue;
    }
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (batch.length > 0 && (batch.length >= mostItems || bytes + size > mostBytes)) {
      yield { input: { ...shared, Items: batch }, itemCount: batch.length };
      batch = [];
      bytes = sharedBytes;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield { input: { ...shared, Items: batch }, itemCount: batch.length };
  return undefined;
}

async function selected(visit: Visit, index: number, value: Json): Promise<Json> {
  const { ItemSelector: selector } = visit.state;
  if (selector === undefined) return value;
  const scope = { ...visit.scope, item: { Index: index, Value: value } };
  return evaluate({ ...visit, scope }, "ItemSelector", selector);
}
