/**
 * What the console's server sends to its pages, as JSON. Facts only: the page works out what they mean (path, timeline, cost).
 * No view holds a device token, a participant token or a task token. Times are milliseconds since 1970.
 *
 * `GET /console/api/<view>` replies once. With `accept: text/event-stream` it sends the whole view as an event each time it has
 * changed. A failed read is a problem `{title, detail}` with status 4xx or 5xx, or, in a stream, an event named `problem`.
 * `GET calls.csv?from=&to=` is a file.
 */
import type { Failure } from "../../calls/clean-up.ts";
import type { Call, CallStatus, Leg, Media, OperatorAct } from "../../calls/call.ts";
import type { EndReason } from "../../events/end-reason.ts";
import type { PushFailure } from "../../events/push-sent.ts";

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
  /** `POST dead-letters/replay` and `dead-letters/delete`, with `{queue, id}`, are answered. */
  readonly canWrite: boolean;
}

/** `calls?client=&reason=&status=&from=&to=&page=`: the latest first, 50 to a page. `from` and `to` bound the start. */
export interface CallsView {
  readonly calls: readonly CallRow[];
  readonly nextPage?: string;
  /** How many calls the search for those that match the filter read, and how far back it went; `nextPage` goes on from there. */
  readonly lookedAt: number;
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

/** `search?q=`: people with each of its words in a name, user name, e-mail address, device or client id; calls by their ids. */
export interface SearchView {
  /** By name, 50 at most. */
  readonly people: readonly FoundPerson[];
  /** That fit, and are not among them. */
  readonly morePeople?: number;
  /** The latest first, 20 at most. */
  readonly calls: readonly CallRow[];
  /** What was looked through; what is not whole has more. */
  readonly looked: {
    readonly people: number;
    readonly everyPerson: boolean;
    readonly users: number;
    readonly everyUser: boolean;
    /** Why no e-mail address was looked at. */
    readonly usersProblem?: string;
    /** Absent: what was asked for can be no part of an id. */
    readonly callIds?: number;
    readonly everyCallId?: boolean;
  };
}

export interface FoundPerson {
  /** Absent: the person has no client, so nothing can ring. */
  readonly clientId?: string;
  readonly name?: string;
  readonly username?: string;
  readonly email?: string;
  /** Those that fit. */
  readonly devices: readonly string[];
  readonly lastSeenAtMs?: number;
}

/** `clients?search=&order=&page=`: 50 to a page, by name (who has none comes last), or the one that was seen last first. */
export interface ClientsView {
  readonly clients: readonly ClientRow[];
  readonly nextPage?: string;
  /** That fit, on all pages. */
  readonly total: number;
  /** False: of more clients than can be looked through, these are some. */
  readonly isWhole: boolean;
}

export interface ClientRow {
  readonly clientId: string;
  readonly name?: string;
  readonly username?: string;
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
  /** What its phones were told in these calls, the latest first. */
  readonly pushes: readonly ClientPush[];
}

export interface ClientPush {
  readonly callId: string;
  readonly deviceId: string;
  /** incoming_call … */
  readonly type: string;
  readonly channel: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly atMs: number;
  /** When the phone said that it rings. */
  readonly ringingAtMs?: number;
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

/** `overview?from=`: a day in numbers, from its beginning on; without it the last 24 hours. */
export interface OverviewView {
  readonly fromMs: number;
  /** Counted so far; whole: that is now. */
  readonly untilMs: number;
  readonly isWhole: boolean;
  /** Calls that live, counted no further than `mostLiving`. */
  readonly living: number;
  readonly mostLiving: number;
  readonly ended: number;
  readonly answered: number;
  /** The most frequent first. */
  readonly byReason: readonly { readonly reason: EndReason; readonly calls: number }[];
  /** Calls that are over, by the hour in which they began. */
  readonly hours: readonly {
    readonly fromMs: number;
    readonly answered: number;
    readonly unanswered: number;
  }[];
  /** Calls that rang, and how long it took until the first phone did. */
  readonly rang: number;
  readonly toRingMs?: { readonly p50: number; readonly p99: number };
  /** Phones that were pushed to, each time. */
  readonly pushes: number;
  /** Those that were not accepted, the most frequent first. */
  readonly failures: readonly PushFailure[];
  /** From the answer to the end. */
  readonly talkMs: Readonly<Record<Media, number>>;
  readonly pool: Pick<StagesView, "maxStages" | "counts">;
}

/** `events?type=&call=&text=`: what the bus carried lately, the latest first, 200 at most; `text` is anywhere in them. */
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
      /** Where it would be sent again: a queue, or the bus. Absent: nowhere, or the console only reads. */
      readonly replay?: string;
    }[];
  }[];
}
