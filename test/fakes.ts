/** Stand-ins for what the functions work with: in memory, with the conditions of the real ones. */
import type { Call } from "../calls/call.ts";
import { type Client, withLost } from "../calls/client.ts";
import type { Device } from "../calls/device.ts";
import type { HistoryRow } from "../calls/history.ts";
import type { CallId, ClientId } from "../calls/ids.ts";
import type { PushOutcome } from "../calls/call.ts";
import { MAX_BLOCKED } from "../calls/limits.ts";
import type { Push, PushAddress } from "../calls/pushes.ts";
import { Secret } from "../calls/secret.ts";
import { INITIAL_STATE, type KeeperState } from "../handlers/media/ivs/pool/pool-keeper.ts";
import {
  leased,
  oldestEndpointsMs,
  type PooledStage,
  type StageStatus,
} from "../handlers/media/ivs/pool/stage-pool.ts";
import type { WorkflowView } from "../calls/snapshot.ts";
import { type Counted, isRefused, type Renaming, type Standing } from "../calls/standing.ts";
import type { WaitError } from "../calls/wake.ts";
import type { Announcement } from "../events/event.ts";
import type {
  Admission,
  AdmissionOutcome,
  AdmissionRequest,
  IdempotencyKey,
} from "../handlers/store/admission-store.ts";
import type { CallHistory, SweepableCalls } from "../handlers/store/call-store.ts";
import type { ClientSettings, SettingsOutcome } from "../handlers/store/client-settings.ts";
import type { ClientStore, DeviceChange } from "../handlers/store/client-store.ts";
import type { ParticipantTokens } from "../handlers/media/port.ts";
import type { PersonStore } from "../handlers/store/person-store.ts";
import type { KeeperRow } from "../handlers/media/ivs/pool/keeper-row.ts";
import type { DueQuery, StageStore } from "../handlers/media/ivs/pool/stage-store.ts";
import type { CallStore, Publisher } from "../handlers/call/change-call.ts";
import type { Started, Workflow } from "../handlers/call/wake-call.ts";
import type { RuntimeInputs } from "../handlers/edge/handler.ts";
import type { PushResult, PushSender } from "../handlers/push/port.ts";
import { START_MS } from "./builders.ts";

/** A clock that moves only in pauses, and random bytes that count up. */
export function fakeEdge(startMs = START_MS) {
  let [nowMs, drawn] = [startMs, 0];
  const pauses: number[] = [];
  return {
    pauses,
    setNow: (ms: number) => void (nowMs = ms),
    now: () => nowMs,
    random: (bytes: number) => new Uint8Array(bytes).fill((drawn = (drawn + 1) % 256)),
    pause: async (ms: number) => {
      pauses.push(ms);
      nowMs += ms;
    },
  } satisfies RuntimeInputs & Record<string, unknown>;
}

export function fakeCalls(...initial: Call[]) {
  const items = new Map<CallId, Call>(initial.map((call) => [call.callId, call]));
  /** What others write just before the next writes, one after another. */
  const others: ((call: Call) => Call | undefined)[] = [];
  const rows = new Map<string, HistoryRow>();
  const store: CallStore & CallHistory & SweepableCalls = {
    read: async (callId) => items.get(callId),
    async replace({ callId, version }, next) {
      const other = others.shift();
      const stored = items.get(callId);
      const moved = other && stored ? other(stored) : stored;
      if (moved) items.set(callId, moved);
      else items.delete(callId);
      if (moved?.version !== version) return { written: false, current: moved };
      items.set(callId, next);
      return { written: true };
    },
    async remember(some) {
      for (const row of some) rows.set(`${row.clientId} ${row.callId}`, row);
    },
    async forget(some) {
      for (const row of some) rows.delete(`${row.clientId} ${row.callId}`);
    },
    async history(clientId, { limit, after }) {
      const place = ({ createdAtMs, callId }: { createdAtMs: number; callId: string }) =>
        `${createdAtMs} ${callId}`;
      return [...rows.values()]
        .filter((row) => row.clientId === clientId && (!after || place(row) < place(after)))
        .toSorted((one, other) => (place(one) < place(other) ? 1 : -1))
        .slice(0, limit);
    },
    async overdue(nowMs, { shard, limit, after }) {
      const due = [...items.values()]
        .filter(({ openShard }) => openShard === `open#${shard}`)
        .filter(({ sweepAtMs }) => sweepAtMs !== undefined && sweepAtMs <= nowMs)
        .map(({ callId }) => callId)
        .toSorted();
      const rest = due.filter((callId) => callId > ((after?.["pk"] as string | undefined) ?? ""));
      const callIds = rest.slice(0, limit);
      return { callIds, after: rest.length > limit ? { pk: callIds.at(-1) } : undefined };
    },
  };
  return { ...store, items, others, rows };
}

export function fakePublisher() {
  const events: Announcement[] = [];
  const names = () => events.map(({ name }) => name);
  /** How many of the next publications fail. */
  const state = { failures: 0, attempts: 0 };
  const publisher: Publisher = {
    async publish(published) {
      state.attempts += 1;
      if (state.failures > 0) {
        state.failures -= 1;
        throw new Error("the bus is away");
      }
      events.push(...published);
    },
  };
  return { ...publisher, events, names, state };
}

export function fakeWorkflow() {
  const started: (Started & { readonly name: string })[] = [];
  const woken: { taskToken: string; view: WorkflowView; error?: WaitError | undefined }[] = [];
  const [taken, running, dead] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const workflow: Workflow = {
    async start({ callId, calleeId }, name) {
      if (running.has(name)) return "running";
      if (taken.has(name)) return "exists";
      taken.add(name);
      started.push({ callId, calleeId, name });
      return "started";
    },
    async wake(taskToken, view, error) {
      if (dead.has(taskToken)) return "gone";
      woken.push({ taskToken, view, ...(error && { error }) });
      return "woken";
    },
  };
  return { ...workflow, started, woken, taken, running, dead };
}

/** Names by `sub`. */
export function fakeDirectory() {
  const names = new Map<string, string>();
  return { names, nameOf: async (owner: string) => names.get(owner) };
}

/** What is kept of persons, by `sub`. */
function fakePersons() {
  const items = new Map<string, Standing>();
  const fits = ({ sub, deed, seen, atMs, named = false }: Counted): boolean => {
    const { [deed]: stored, ...rest } = items.get(sub) ?? {};
    const isUnchanged = stored?.sinceMs === seen?.sinceMs && stored?.count === seen?.count;
    return isUnchanged && !isRefused(rest, atMs) && named === (rest.clientIds !== undefined);
  };
  const names = ({ sub, seen }: Renaming): boolean =>
    String(items.get(sub)?.clientIds ?? []) === String(seen);
  function rename({ sub, next }: Renaming): void {
    const { clientIds: _seen, ...rest } = items.get(sub) ?? {};
    items.set(sub, next.length > 0 ? { ...rest, clientIds: [...next] } : rest);
  }
  const write = ({ sub, deed, next }: Counted): void =>
    void items.set(sub, { ...items.get(sub), [deed]: next });
  const store: PersonStore = {
    read: async (sub) => items.get(sub) ?? {},
    async count(counted) {
      if (!fits(counted)) return false;
      write(counted);
      return true;
    },
    async refuse(sub, untilMs) {
      items.set(sub, { ...items.get(sub), refusedUntilMs: untilMs });
    },
  };
  return { ...store, items, fits, write, names, rename };
}

export function fakeClients(...initial: Client[]) {
  const items = new Map<ClientId, Client>(initial.map((client) => [client.clientId, client]));
  const devicesOf = new Map<ClientId, Device[]>();
  const persons = fakePersons();
  /** What others do just before the next commits, one after another. */
  const others: (() => void)[] = [];
  const devices = (clientId: ClientId) => devicesOf.get(clientId) ?? [];
  const fits = ({ client, created }: DeviceChange) => {
    const stored = items.get(client.clientId);
    return created ? !stored : stored?.revision === client.revision && stored.sub === client.sub;
  };
  function write({ client, lost, after }: DeviceChange, nowMs: number): void {
    const { clientId } = client;
    const seen = Object.fromEntries(after.map((device) => [device.deviceId, device.lastSeenAtMs]));
    const revision = client.revision + (items.has(clientId) ? 1 : 0);
    const losses = lost && { lostDevices: withLost(client, lost) };
    items.set(clientId, { ...client, ...losses, devices: seen, revision, lastSeenAtMs: nowMs });
    devicesOf.set(clientId, [...after]);
  }
  const store: ClientStore = {
    read: async (clientId) => items.get(clientId),
    devices: async (clientId) => devices(clientId),
    holderOf: async (token) =>
      [...items.keys()].find((clientId) =>
        devices(clientId).some(({ tokens }) =>
          Object.values(tokens).some((held) => held.reveal() === token.reveal()),
        ),
      ),
    async commit(changes, nowMs, counted, renaming) {
      others.shift()?.();
      if (!changes.every(fits) || (renaming && !persons.names(renaming))) return false;
      if (counted && !(await persons.count(counted))) return false;
      for (const change of changes) write(change, nowMs);
      if (renaming) persons.rename(renaming);
      return true;
    },
    async freeSlot(clientId, callId) {
      if (!items.has(clientId)) return "no client";
      const { activeCallId, ...free } = items.get(clientId) ?? {};
      if (activeCallId !== callId) return "not held";
      items.set(clientId, free as Client);
      return "freed";
    },
  };
  return { ...store, items, others, devicesOf, persons };
}

/** Over the clients that are there. */
export function fakeSettings({ items }: ReturnType<typeof fakeClients>): ClientSettings {
  function write(own: Pick<Client, "clientId" | "sub">, change: (client: Client) => Client): SettingsOutcome {
    const stored = items.get(own.clientId);
    if (!stored) return { kind: "no_such_client" };
    if (stored.sub !== own.sub) return { kind: "not_your_client" };
    const client = change(stored);
    if (Object.keys(client.blocked ?? {}).length > MAX_BLOCKED) return { kind: "full" };
    items.set(own.clientId, client);
    return { kind: "changed", client };
  }
  return {
    block: async (own, { clientId, sub }, atMs) =>
      write(own, (client) => ({ ...client, blocked: { ...client.blocked, [clientId]: { sub, atMs } } })),
    unblock: async (own, otherId) =>
      write(own, ({ blocked = {}, ...client }) => {
        const { [otherId]: _gone, ...left } = blocked;
        return { ...client, blocked: left };
      }),
    disturbAfter: async (own, untilMs) =>
      write(own, ({ doNotDisturbUntilMs: _before, ...client }) => ({
        ...client,
        ...(untilMs !== undefined && { doNotDisturbUntilMs: untilMs }),
      })),
  };
}

export function fakeStages(...initial: PooledStage[]) {
  const items = new Map<string, PooledStage>(initial.map((stage) => [stage.stageId, stage]));
  /** Records that cannot be read: the indexes still name them. */
  const broken = new Set<string>();
  const state = { queries: 0 };
  const unchanged = ({ stageId, status, callId }: PooledStage) => {
    const stored = items.get(stageId);
    return stored?.status === status && stored.callId === callId;
  };
  const of = (status: StageStatus) => [...items.values()].filter((stage) => stage.status === status);
  const byId = (one: PooledStage, other: PooledStage) => (one.stageId < other.stageId ? -1 : 1);
  function dueOf(status: StageStatus, { untilMs, fromMs, limit }: DueQuery): PooledStage[] {
    const due = of(status)
      .filter(({ dueAtMs }) => untilMs === undefined || dueAtMs <= untilMs)
      .filter(({ dueAtMs }) => fromMs === undefined || dueAtMs > fromMs)
      .toSorted((one, other) => one.dueAtMs - other.dueAtMs || byId(one, other));
    return (fromMs === undefined ? due : due.toReversed()).slice(0, limit);
  }
  const store: StageStore = {
    read: async (stageId) => items.get(stageId),
    async readMany(stageIds) {
      if (stageIds.length > 100) throw new Error("DynamoDB reads 100 items at once");
      const found = stageIds.flatMap((stageId) => items.get(stageId) ?? []);
      const readable = found.filter(({ stageId }) => !broken.has(stageId));
      return {
        stages: new Map(readable.map((stage) => [stage.stageId, stage])),
        misplaced: [],
        missing: stageIds.filter((stageId) => !items.has(stageId)),
        unreadable: stageIds.filter((stageId) => items.has(stageId) && broken.has(stageId)),
      };
    },
    async free({ after = "", before, limit }) {
      state.queries += 1;
      const found = of("free")
        .filter(({ stageId }) => !broken.has(stageId))
        .filter(({ stageId }) => stageId > after && (before === undefined || stageId < before))
        .toSorted(byId);
      return (before === undefined ? found : found.toReversed()).slice(0, limit);
    },
    due: async (status, query) => dueOf(status, query).map(({ stageId, dueAtMs }) => ({ stageId, dueAtMs })),
    ids: async (status) => of(status).map(({ stageId }) => stageId),
    count: async (status, limit = Number.POSITIVE_INFINITY) => Math.min(limit, of(status).length),
    async add(stage) {
      if (items.has(stage.stageId)) return false;
      items.set(stage.stageId, stage);
      return true;
    },
    async replace(previous, next) {
      if (!unchanged(previous)) return false;
      items.set(next.stageId, next);
      return true;
    },
    async remove(stage) {
      return unchanged(stage) && items.delete(stage.stageId);
    },
  };
  return { ...store, items, broken, state };
}

/** The keeper's row: its lease, and what it remembers. */
export function fakeKeeperRow(state: KeeperState = INITIAL_STATE) {
  const stored = { owner: "", untilMs: 0, state };
  const row: KeeperRow = {
    async take(owner, nowMs, untilMs) {
      if (stored.untilMs > nowMs) return undefined;
      Object.assign(stored, { owner, untilMs });
      return stored.state;
    },
    async keep(owner, next, untilMs) {
      if (stored.owner !== owner) return false;
      Object.assign(stored, { state: next, untilMs });
      return true;
    },
  };
  return { ...row, read: async () => stored.state, stored };
}

/** Each address has its outcomes in turn; after the last, and without any, it is accepted. */
export function fakePushes(outcomes: Record<string, PushOutcome[]> = {}) {
  const sent: { readonly push: Push; readonly to: readonly string[] }[] = [];
  const replacements: Record<string, string> = {};
  const result = (address: PushAddress): PushResult => {
    const token = address.token.reveal();
    const replacement = replacements[token];
    return {
      address,
      outcome: outcomes[token]?.shift() ?? "accepted",
      ...(replacement && { replacement: new Secret(replacement) }),
    };
  };
  const sender: PushSender = {
    async send(push, addresses) {
      sent.push({ push, to: addresses.map(({ token }) => token.reveal()) });
      return addresses.map(result);
    },
  };
  return { ...sender, sent, replacements };
}

/** Tokens that say whose they are: `token of <participant id>`. */
export const fakeTokens: ParticipantTokens = {
  ready: async () => undefined,
  sign: async ({ id }) => ({ token: new Secret(`token of ${id}`) }),
};

interface Stores {
  readonly calls: ReturnType<typeof fakeCalls>;
  readonly clients: ReturnType<typeof fakeClients>;
  readonly stages: ReturnType<typeof fakeStages>;
}

export function fakeAdmission({ calls, clients, stages }: Stores) {
  /** What happens to the next requests instead, or just before them. */
  const others: (() => AdmissionOutcome | undefined)[] = [];
  const keys = new Map<string, { callId: CallId; request: string }>();
  type Entering = Pick<AdmissionRequest, "clients" | "leftCalls" | "counted">;

  function refusal({ clients: entering, leftCalls, counted }: Entering) {
    for (const party of entering) {
      const stored = clients.items.get(party.clientId);
      if (stored?.sub !== party.sub) return { kind: "client_changed" } as const;
      const by = stored.activeCallId;
      if (by !== undefined && by !== party.activeCallId) return { kind: "taken", by } as const;
    }
    const moved = leftCalls.some(({ callId, version }) => calls.items.get(callId)?.version !== version);
    const raced = counted && !clients.persons.fits(counted);
    return moved || raced ? ({ kind: "conflict" } as const) : undefined;
  }

  function enter({ clients: entering, counted }: Entering, activeCallId: CallId): void {
    for (const { clientId } of entering) {
      clients.items.set(clientId, { ...(clients.items.get(clientId) as Client), activeCallId });
    }
    if (counted) clients.persons.write(counted);
  }

  function claimed(key: IdempotencyKey | undefined): AdmissionOutcome | undefined {
    const before = key && keys.get(key.id);
    return before && { kind: "repeated", ...before };
  }

  const admission: Admission = {
    async admit({ call, key, ...entering }) {
      const instead = others.shift()?.() ?? claimed(key) ?? refusal(entering);
      if (instead) return instead;
      const nowMs = call.createdAtMs;
      const pooled = stages.items.get(call.stage?.stageId ?? "");
      if (pooled?.status !== "free" || pooled.endpointsAtMs < oldestEndpointsMs(nowMs))
        return { kind: "room_lost" };
      enter(entering, call.callId);
      if (key) keys.set(key.id, { callId: call.callId, request: key.request });
      stages.items.set(pooled.stageId, leased(pooled, call.callId, nowMs));
      calls.items.set(call.callId, call);
      return { kind: "admitted" };
    },
    async join({ previous, next, ...entering }) {
      others.shift()?.();
      const refused = refusal(entering);
      if (refused) return refused;
      if (calls.items.get(previous.callId)?.version !== previous.version) return { kind: "conflict" };
      enter(entering, next.callId);
      calls.items.set(next.callId, next);
      return { kind: "joined" };
    },
    claimed: async ({ id }) => keys.get(id),
    async recordBusy(call, counted, key) {
      const before = key && keys.get(key.id);
      if (before) return { kind: "repeated", ...before };
      if (refusal({ clients: [], leftCalls: [], counted })) return { kind: "conflict" };
      if (key) keys.set(key.id, { callId: call.callId, request: key.request });
      calls.items.set(call.callId, call);
      clients.persons.write(counted);
      return { kind: "recorded" };
    },
  };
  return { ...admission, others };
}
