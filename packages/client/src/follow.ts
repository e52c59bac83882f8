/** What a phone follows while its app runs: its calls, its client, and its call by asking while no update can come. */
import { factsOfUpdate } from "./engine/call-facts.ts";
import type { Engine } from "./engine/engine.ts";
import type { Clock } from "./time/clock.ts";
import { CLIENT_CHANGES } from "./wire/contract.ts";
import type { LiveUpdates } from "./wire/live-updates.ts";
import { OWN_CALL_FIELDS, readOwnCall } from "./wire/own-call.ts";
import { number, object, oneOf, text, tryRead } from "./wire/read.ts";

/** While updates do not flow, the phone reads its call this often. */
const POLL_MS = 5_000;

const ON_CALL_UPDATED = `subscription OnCallUpdated($clientId: ID!) {
  onCallUpdated(clientId: $clientId) { ${OWN_CALL_FIELDS} }
}`;
const ON_CLIENT_UPDATED = `subscription OnClientUpdated($clientId: ID!) {
  onClientUpdated(clientId: $clientId) { clientId change deviceId atMs }
}`;
const clientUpdate = object({ change: oneOf(CLIENT_CHANGES), deviceId: text, atMs: number });

/** Another person has registered a push token of this client: that phone rings for them now. */
export interface LostDevice {
  readonly deviceId: string;
  readonly atMs: number;
}

/** Each of these returns what ends it. */
type End = () => void;

export const followCalls = (
  live: LiveUpdates,
  engine: Engine,
  clientId: string,
  timeHeard: (serverNowMs: number) => void,
): End =>
  live.follow({
    query: ON_CALL_UPDATED,
    variables: { clientId },
    heard(value) {
      const call = tryRead(readOwnCall, value);
      if (!call) return;
      timeHeard(call.serverNowMs);
      engine.updated(factsOfUpdate(call));
    },
    flowing: () => engine.subscribed(),
  });

export const followClient = (
  live: LiveUpdates,
  clientId: string,
  deviceLost: (lost: LostDevice) => void,
): End =>
  live.follow({
    query: ON_CLIENT_UPDATED,
    variables: { clientId },
    heard(value) {
      const { deviceId, atMs } = tryRead(clientUpdate, value) ?? {};
      if (deviceId !== undefined && atMs !== undefined) deviceLost({ deviceId, atMs });
    },
    flowing: () => undefined,
  });

/** What a lost connection would have told. A phone without a call has no timer: one that runs for ever keeps a process alive. */
export function pollWhileDeaf(live: LiveUpdates, engine: Engine, clock: Pick<Clock, "after">): End {
  let callOff: End = () => undefined;
  let runs = false;
  const next = (): void => {
    callOff = clock.after(POLL_MS, () => {
      if (live.connection() !== "connected") engine.look();
      next();
    });
  };
  const stop = engine.subscribe(() => {
    const wanted = "talk" in engine.screen();
    if (wanted && !runs) next();
    if (!wanted) callOff();
    runs = wanted;
  });
  return () => {
    stop();
    callOff();
  };
}
