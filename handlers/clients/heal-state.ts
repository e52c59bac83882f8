/**
 * By night: walks over clients and devices, and mends remains of crashes that nothing else would find. The sweep
 * of calls and the keeper of stages mend calls, leases and stages every minute (sweep-calls, keep-stages).
 *
 * H1 A slot that names a call which is over, past its deadline, or missing, is freed.
 * H2 A device or a token's row whose client is missing is removed; so is the row of a token that no device has.
 * H3 Each repair is one write on condition of what was read: a function that works on the row at the same time wins.
 */
import { isLiving } from "../../calls/call.ts";
import type { CallId, ClientId } from "../../calls/ids.ts";
import type { ClientStore } from "../store/client-store.ts";
import type { DeviceRow, StateWalk } from "../store/state-walk.ts";
import type { CallStore } from "../call/change-call.ts";
import { type RuntimeInputs, logger } from "../edge/handler.ts";

/** Leaves room to finish before the function's timeout of 600 s. Another night walks the rest. */
const RUN_MS = 540_000;

export interface HealState {
  readonly walk: StateWalk;
  readonly clients: Pick<ClientStore, "read" | "devices" | "freeSlot">;
  readonly calls: Pick<CallStore, "read">;
  readonly edge: RuntimeInputs;
}

export type Healed = Record<"slots" | "devices" | "tokens" | "failed" | "seen", number>;

export async function healState(tools: HealState): Promise<Healed> {
  const healed: Healed = { slots: 0, devices: 0, tokens: 0, failed: 0, seen: 0 };
  const untilMs = tools.edge.now() + RUN_MS;
  const from = tools.edge.random(1)[0] ?? 0;
  const mend = async (what: "slots" | "devices" | "tokens", repair: () => Promise<boolean>) => {
    healed.seen += 1;
    try {
      if (await repair()) healed[what] += 1;
    } catch (error) {
      // One bad row must not stop the others; the next night finds it again.
      healed.failed += 1;
      logger.error("not healed", { what, error: error as Error });
    }
  };
  for await (const { clientId, activeCallId } of tools.walk.takenSlots(from)) {
    if (tools.edge.now() > untilMs) return healed;
    await mend("slots", () => healSlot(tools, clientId, activeCallId));
  }
  for await (const row of tools.walk.deviceRows(from)) {
    if (tools.edge.now() > untilMs) return healed;
    await mend(row.kind === "device" ? "devices" : "tokens", () => healRow(tools, row));
  }
  return healed;
}

async function healSlot({ calls, clients, edge: { now } }: HealState, clientId: ClientId, callId: CallId) {
  const call = await calls.read(callId);
  // The workflow or the sweep is about to clean up a call that has just ended: freeing its slot early is harmless.
  if (call && isLiving(call, now())) return false;
  return (await clients.freeSlot(clientId, callId)) === "freed";
}

/** Rows are read after the client, so a registration in progress is seen whole or not at all. */
async function healRow({ clients, walk }: HealState, row: DeviceRow): Promise<boolean> {
  const client = await clients.read(row.clientId);
  if (client && row.kind === "device") return false;
  if (client && row.kind === "token") {
    const devices = await clients.devices(row.clientId);
    if (walk.holdsToken(devices, row)) return false;
  }
  return walk.removeOrphan(row);
}
