/** Calls past their deadline whose workflow never started: how many one run of the sweep ends, and the cost of each. */
import { PERSON } from "../../packages/local-aws/src/local-aws.ts";
import { LegUpdated } from "../../events/legs.ts";
import { inVirtualTime } from "../in-virtual-time.ts";
import type { Stack } from "../stack.ts";
import { type Counted, counted } from "./counted.ts";
import { openCalls } from "./open-calls.ts";

/** Longer than a call's ring and its slots last. */
const PAST_DEADLINE_MS = 300_000;

export async function sweepBacklog(stack: Stack, sizes: readonly number[]): Promise<Counted[]> {
  const { runtime, clock } = stack;
  const { localAws } = runtime;
  const rows: Counted[] = [];
  const sweep = async (): Promise<void> => {
    const input = { FunctionName: "ringmaster-sweep-calls", InvocationType: "Event", Payload: {} };
    await localAws.call({ service: "lambda", operation: "Invoke", input, caller: PERSON });
  };
  // The first run loads the function.
  await inVirtualTime(clock, sweep());
  await clock.advance(1_000);
  const over = new Set<string>();
  localAws.observe((told) => {
    if (told.kind !== "event" || told.detailType !== LegUpdated.name) return;
    over.add((told.detail as { callId: string }).callId);
  });
  for (const size of sizes) {
    await openCalls(stack, size, size);
    await clock.advance(PAST_DEADLINE_MS);
    over.clear();
    const one = await counted(stack, size, { times: 1, act: sweep });
    const each = Math.max(1, over.size);
    rows.push({
      size,
      outcome: over.size,
      requests: one.requests / each,
      readUnits: one.readUnits / each,
      writeUnits: one.writeUnits / each,
      cpuMs: one.cpuMs / each,
    });
  }
  return rows;
}
