/** Map: the same states for each item, inside the execution or, if distributed, in child executions. */
import type { Json } from "../../local-aws.ts";
import { runDistributedMap } from "./distributed-map.ts";
import type { InnerStates } from "./child-scope.ts";
import { runInlineMap } from "./inline-map.ts";
import { readItems, type ItemSource } from "./item-reader.ts";
import { evaluate, evaluateNumber, record, refuseInput, refuseType, type Visit } from "./visit.ts";

export async function runMap(visit: Visit, inner: InnerStates): Promise<Json> {
  const { state } = visit;
  const { ItemReader: reader } = state;
  // AWS reads this one before the Map has started, and what is tolerated after that.
  const most = await evaluateNumber(visit, "MaxConcurrency", state.MaxConcurrency ?? 0, WHOLE);
  if (reader) {
    // Its length is not known when the state starts.
    recordStarted(visit, 0);
    return runDistributedMap(visit, await readItems(visit, reader), most);
  }
  const isDistributed = state.ItemProcessor?.ProcessorConfig?.Mode === "DISTRIBUTED";
  const items = await itemsOf(visit, isDistributed);
  recordStarted(visit, items.length);
  const source: ItemSource = { total: items.length, items: () => items };
  return isDistributed ? runDistributedMap(visit, source, most) : runInlineMap(visit, items, most, inner);
}

function recordStarted({ scope, redriven }: Visit, length: number): void {
  if (!redriven) record(scope, "MapStateStarted", { mapStateStartedEventDetails: { length } });
}

const WHOLE = { least: 0, most: Number.MAX_SAFE_INTEGER };

/** A distributed Map takes an object too: its members become items with Key and Value. */
async function itemsOf(visit: Visit, isDistributed: boolean): Promise<readonly Json[]> {
  const { Items: template } = visit.state;
  const items = template === undefined ? visit.input : await evaluate(visit, "Items", template);
  if (Array.isArray(items)) return items;
  if (isDistributed && typeof items === "object" && items !== null) {
    return Object.entries(items).map(([Key, Value]) => ({ Key, Value }));
  }
  throw template === undefined ? refuseInput(visit) : refuseType(visit, "Items", template, "array", items);
}
