/** ItemBatcher: several items in one child execution, bounded by their number and by their size. */
import type { Json } from "../../door.ts";
import { MAX_PAYLOAD_BYTES } from "./payload-limit.ts";
import { evaluate, evaluateNumber, type Visit } from "./visit.ts";

export interface ChildInput {
  readonly input: Json;
  readonly itemCount: number;
}

export async function batchesOf(visit: Visit, items: readonly Json[]): Promise<ChildInput[]> {
  const { ItemBatcher: batcher } = visit.state;
  if (!batcher) return items.map((input) => ({ input, itemCount: 1 }));
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
  return split(items, mostItems, mostBytes, Buffer.byteLength(JSON.stringify(shared))).map((batch) => ({
    input: { ...shared, Items: batch },
    itemCount: batch.length,
  }));
}

function split(items: readonly Json[], mostItems: number, mostBytes: number, sharedBytes: number): Json[][] {
  const batches: Json[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    const current = batches.at(-1);
    if (current && current.length < mostItems && bytes + size <= mostBytes) {
      current.push(item);
      bytes += size;
    } else {
      batches.push([item]);
      bytes = sharedBytes + size;
    }
  }
  return batches;
}
