/**
 * What the console's server sends to its pages, as JSON. Facts only: the page works out what they mean (path, timeline, cost).
 * No view holds a device token, a participant token or a task token. Times are milliseconds since 1970.
 *
 * `GET /console/api/<view>` replies once. With `accept: text/event-stream` it sends the whole view as an event each time it has
 * changed. A failed read is a problem `{title, detail}` with status 4xx or 5xx, or, in a stream, an event named `problem`.
 */
import type { Failure } from "../../calls/clean-up.ts";
import type { Call, CallStatus, Leg, Media, OperatorAct } from "../../calls/call.ts";
import type { EndReason } from "../../events/end-reason.ts";

/** `stack`: what is looked at. */
export interface StackView {
  readonly stack: string;
  readonly region: string;
  readonly account: string;
  /** A local runtime: there are no pages of the AWS console to link to. */
  readonly isLocal: boolean;
  readonly callWorkflowArn: string;
  readonly cleanUpWorkflowArn: string;
  /** To sign in as an operator and to hang up. */
  readonly signIn: {
    readonly userPoolId: string;
    readonly userPoolClientId: string;
    /** Only of a local runtime. */
    readonly endpoint?: string;
  };
  readonly apiUrl: string;
}

/** `calls?client=&reason=&status=&from=&to=&page=`: the latest first, 50 to a page. `from` and `to` bound the start. */
export interface CallsView {
  readonly calls: readonly CallRow[];
  readonly nextPage?: string;
  /** How far back the search for calls that match the filter went; `nextPage` goes on from there. */
  readonly lookedBackToMs?: number;
}

export interface CallRow {
  readonly callId: string;
  readonly status: CallStatus;
  readonly endReason?: EndReason;
  readonly media: Media;
  readonly parties: readonly Party[];
  readonly createdAtMs: number;
  readonly answeredAtMs?: number;
  readonly endedAtMs?: number;
  /** Of the execution: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED; absent if none was found. */
  readonly execution?: string;
}

export interface Party {
  readonly clientId: string;
  readonly role: "caller" | "callee";
  /** As the directory has it. */
  readonly name?: string;
}

/** `calls/<callId>`. */
export interface CallView {
  /** Absent if the item has expired: then only the execution is left. */
  readonly call?: StoredCall;
  readonly parties: readonly Party[];
  /** The latest first: a call that was repaired has more than one. */
  readonly executions: readonly ExecutionView[];
  /** The events about this call, oldest first. */
  readonly events: readonly BusEvent[];
}

/**
 * The item, with the version it is at; each leg with its devices by id, what was pushed to them, and the tokens it was issued.
 * Operators by the name they sign in with.
 */
export type StoredCall = Omit<Call, "legs" | "stage" | "removedSubs" | "operatorActs"> & {
  readonly operatorActs?: readonly Omit<OperatorAct, "sub">[];
  readonly legs: Readonly<Record<string, StoredLeg>>;
  readonly stageId?: string;
};
export type StoredLeg = Omit<Leg, "sub" | "signIn" | "signIns">;

export interface ExecutionView {
  readonly executionArn: string;
  readonly name: string;
  readonly status: string;
  readonly startedAtMs: number;
  readonly stoppedAtMs?: number;
  readonly input: unknown;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  /** The definition it runs, ASL. */
  readonly definition: unknown;
  /** As GetExecutionHistory gives it, oldest first, with times in ms and without task tokens. */
  readonly history: readonly HistoryEvent[];
}

export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly atMs: number;
  /** The event's own `…EventDetails`, JSON texts parsed. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** `clients?search=&page=`: by the beginning of a name, or by a client's id. */
export interface ClientsView {
  readonly clients: readonly ClientRow[];
  readonly nextPage?: string;
}

export interface ClientRow {
  readonly clientId: string;
  readonly name?: string;
  readonly lastSeenAtMs?: number;
  readonly activeCallId?: string;
}

/** `clients/<clientId>`. */
export interface ClientView extends ClientRow {
  readonly blockedIds: readonly string[];
  readonly doNotDisturbUntilMs?: number;
  readonly devices: readonly {
    readonly deviceId: string;
    /** GCM, APNS_VOIP …: which tokens it has, never the tokens. */
    readonly channels: readonly string[];
    readonly lastSeenAtMs?: number;
  }[];
  /** The last 10 whose push token another person has registered, the latest last. */
  readonly lostDevices: readonly { readonly deviceId: string; readonly atMs: number }[];
  /** The last 20. */
  readonly calls: readonly CallRow[];
}

/** `stages`: the pool. */
export interface StagesView {
  /** What the pool may grow to. */
  readonly maxStages: number;
  readonly counts: Readonly<Record<"free" | "leased" | "resting" | "retiring", number>>;
  readonly stages: readonly {
    readonly stageId: string;
    readonly state: string;
    readonly callId?: string;
    /** Resting until no token can open it any more. */
    readonly restsUntilMs?: number;
  }[];
}

/** `operations`: deletions of clients, the latest first. */
export interface OperationsView {
  readonly operations: readonly OperationRow[];
}

export interface OperationRow {
  readonly operationId: string;
  readonly executionArn: string;
  readonly status: "running" | "done" | "failed";
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly dryRun: boolean;
  /** request, list, or schedule: who asked for it. */
  readonly origin: string;
  readonly counts: OperationCounts;
}

export interface OperationCounts {
  /** Absent until they are counted. */
  readonly total?: number;
  readonly deleted: number;
  readonly alreadyGone: number;
  readonly failed: number;
  readonly callsEnded: number;
  /** Clients in batches that are not done. */
  readonly pending?: number;
}

/** `operations/<operationId>`. */
export interface OperationView extends OperationRow {
  readonly execution: ExecutionView;
  readonly failures: readonly Failure[];
  readonly batches?: {
    readonly total: number;
    readonly pending: number;
    readonly running: number;
    readonly succeeded: number;
    readonly failed: number;
  };
}

/** `events?type=&call=`: what the bus carried lately, the latest first, 200 at most. */
export interface EventsView {
  readonly events: readonly BusEvent[];
}

export interface BusEvent {
  readonly id: string;
  readonly atMs: number;
  readonly source: string;
  /** `detail-type`. */
  readonly type: string;
  readonly detail: unknown;
}

/** `dead-letters`. */
export interface DeadLettersView {
  readonly queues: readonly {
    readonly name: string;
    readonly messages: number;
    /** The first of them, 10 at most; reading does not remove them. */
    readonly letters: readonly {
      readonly id: string;
      readonly sentAtMs: number;
      readonly attributes: Readonly<Record<string, string>>;
      readonly body: string;
    }[];
  }[];
}
