/** What became of each call of a plan, without what differs from level to level: ids and times. */
import { type Call, legNumbers, legOf } from "../../calls/call.ts";
import type { BusEvent } from "./events-and-queues.ts";
import type { Item } from "./expressions.ts";

export interface CallOutcome {
  readonly call: number;
  readonly record: string;
  readonly legs: readonly string[];
  /** Each with the version that it tells of, once. */
  readonly events: readonly string[];
  readonly states: readonly string[];
  readonly history: readonly string[];
}

export interface Seen {
  readonly calls: readonly Call[];
  readonly historyRows: readonly Item[];
  readonly events: readonly BusEvent[];
  readonly states: readonly { readonly execution: string; readonly state: string }[];
  readonly callIdOf: (call: number) => string | undefined;
  readonly planned: number;
}

export function outcomesOf(seen: Seen): CallOutcome[] {
  return Array.from({ length: seen.planned }, (_, call) => outcomeOf(seen, call));
}

function outcomeOf(seen: Seen, planned: number): CallOutcome {
  const callId = seen.callIdOf(planned);
  const call = seen.calls.find((one) => one.callId === callId);
  if (!call) return { call: planned, record: "none", legs: [], events: [], states: [], history: [] };
  const events = seen.events.filter(({ detail }) => detail["callId"] === callId).map(nameOf);
  return {
    call: planned,
    record: `${call.status} ${call.endReason} v${call.version} turn ${call.turn}`,
    legs: legNumbers(call).map((number) => legText(call, number)),
    events: [...new Set(events)].toSorted(),
    states: seen.states.filter(({ execution }) => execution === callId).map(({ state }) => state),
    history: seen.historyRows
      .filter((row) => row["callId"] === callId)
      .map(({ leg, endReason, deviceId }) => [leg, endReason, deviceId].join(" "))
      .toSorted(),
  };
}

function legText(call: Call, number: number): string {
  const { role, status, leftReason, told, tokenCount, deviceId, devices } = legOf(call, number);
  const pushed = Object.entries(devices).map(
    ([device, { pushes, ringingAtMs }]) =>
      `${device}: ${Object.keys(pushes).join("+")}${ringingAtMs === undefined ? "" : " rang"}`,
  );
  return [number, role, status, leftReason, told, tokenCount, deviceId, ...pushed.toSorted()].join(" ");
}

const nameOf = ({ "detail-type": name, detail }: BusEvent): string =>
  [
    String(Number(detail["version"])).padStart(3),
    name,
    detail["leg"] as number | undefined,
    detail["legStatus"] as string | undefined,
    detail["endReason"] as string | undefined,
  ]
    .filter((part) => part !== undefined)
    .join(" ");
