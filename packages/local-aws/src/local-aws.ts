/**
 * Local AWS: every AWS call of the local runtime passes here, from each caller (a function through its unchanged
 * AWS SDK, a state machine, a rule, the API, a person at the AWS port) to each service.
 *
 * D1 A role may do only what its policies say; a person at the AWS port may do everything.
 * D2 A call above its published quota is refused as AWS refuses it, unless quotas are off.
 * D3 Virtual time stands still while a call is at local AWS.
 * D4 What a call costs is metered by the service that answers it.
 * D5 A fault comes between a caller and its call only where a test has put one (`interfere`). It may wait, refuse, repeat
 *    or lie; after a crash the function that made the call reaches local AWS no more and ends by its timeout.
 */
import { type AwsCall, AwsError, type Caller, type Json, type Shape } from "./aws-call.ts";
import type { Clock } from "./clock.ts";
import { type LocalCredentials, localCredentials } from "./local-credentials.ts";
import { memoryStore, type Store } from "./store/store.ts";
import { createFaults, type Interference, isOfFunction, crashableActors } from "./faults.ts";

export { type AwsCall, AwsError, type Caller, type Json, PERSON, type Shape } from "./aws-call.ts";

/** What IAM is asked before an operation runs. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
}

export interface Operation {
  permissions(input: Shape): Permission[];
  run(input: Shape, call: AwsCall): Promise<Shape> | Shape;
  /** The operation waits for other work, such as a function: it does not itself stop virtual time. */
  readonly waits?: boolean;
  readonly quota?: Quota;
}

/** Token bucket as published by AWS: refill a second and bucket size. */
export interface Quota {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Service {
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  /** The error that this service gives for a call above its quota. */
  throttled?(operation: string): AwsError;
}

export interface Authorizer {
  /** Throws AccessDenied as AWS words it if the role may not do this. */
  check(roleArn: string, permission: Permission): void;
}

/** What happens in the runtime, for the terminal, the demo's timeline and the tests. */
export type RuntimeEvent =
  | { kind: "request"; method: string; path: string; status: number; durationMs: number; body?: unknown }
  | { kind: "event"; bus: string; source: string; detailType: string; detail: Json }
  | { kind: "execution-started"; machine: string; execution: string }
  | { kind: "state-entered"; machine: string; execution: string; state: string; type: string }
  | { kind: "execution-ended"; machine: string; execution: string; status: string }
  | { kind: "invocation"; functionName: string; durationMs: number; error?: string }
  | { kind: "log"; functionName: string; line: string }
  | { kind: "push"; channel: string; address: string; data: Record<string, string>; outcome: string }
  | { kind: "verification-code"; username: string; code: string; purpose: "sign-up" | "password" | "email" }
  | {
      kind: "aws-call";
      caller: Caller;
      service: string;
      operation: string;
      error?: string;
      /** ARNs of what a call that failed was about. */
      resources?: readonly string[];
    }
  | { kind: "alarm"; name: string; state: "OK" | "ALARM" | "INSUFFICIENT_DATA"; reason: string };

export type Observer = (event: RuntimeEvent & { atMs: number }) => void;

/** Billable units, by name such as `states:transition`, `dynamodb:write-unit`, `events:event`. */
export type Meter = Readonly<Record<string, number>>;

export interface LocalAws {
  readonly clock: Clock;
  readonly region: string;
  readonly account: string;
  /** Where services put what must be there after a restart. */
  readonly store: Store;
  /** Of the person at this machine. */
  readonly credentials: LocalCredentials;
  /** Where the AWS APIs are reached: what the URLs of queues begin with. */
  readonly awsEndpoint: string;
  register(service: Service): void;
  services(): readonly Service[];
  call(call: AwsCall): Promise<Shape>;
  /**
   * Takes one from a quota that is no operation's, and says in how many milliseconds it is there: who is early waits, first come
   * first served. 0 while there is enough, and without quotas.
   */
  reserve(name: string, quota: Quota): number;
  /** Adds billable units. */
  meter(unit: string, amount: number): void;
  readonly units: Meter;
  emit(event: RuntimeEvent): void;
  /** Lets a fault meet the calls that match; the returned function takes it away. */
  interfere(plan: Interference): () => void;
  /** Adds an observer; the returned function removes it. */
  observe(observer: Observer): () => void;
  /** ARN in this account and Region. */
  arn(service: string, resource: string): string;
}

export interface LocalAwsOptions {
  readonly clock: Clock;
  readonly authorizer: Authorizer;
  readonly region: string;
  readonly account: string;
  readonly quotas: boolean;
  /** Without it nothing lasts. */
  readonly store?: Store | undefined;
  readonly awsEndpoint?: string | undefined;
}

const AWS_ENDPOINT = "http://127.0.0.1:4566";

export function openLocalAws(options: LocalAwsOptions): LocalAws {
  const { clock: ownClock, authorizer, region, account, quotas, store = memoryStore() } = options;
  const { clock, crash, crashed } = crashableActors(ownClock);
  const faults = createFaults();
  const services = new Map<string, Service>();
  const observers = new Set<Observer>();
  const units: Record<string, number> = {};
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  function operationOf({ service, operation }: AwsCall): Operation {
    const operations = services.get(service)?.operations ?? {};
    const found = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (!found) {
      throw new AwsError(
        "UnknownOperationException",
        `${service}:${operation} is not part of the local runtime`,
      );
    }
    return found;
  }

  /** A request that cannot be read is about nothing. */
  function resourcesOf(call: AwsCall): string[] {
    try {
      return operationOf(call)
        .permissions(call.input)
        .map(({ resource }) => resource);
    } catch {
      return [];
    }
  }

  /** What is in a bucket now. */
  function tokensIn(key: string, { perSecond, burst }: Quota): { tokens: number; atMs: number } {
    const atMs = clock.now();
    const bucket = buckets.get(key) ?? { tokens: burst, atMs };
    return { tokens: Math.min(burst, bucket.tokens + ((atMs - bucket.atMs) / 1000) * perSecond), atMs };
  }

  function reserve(name: string, quota: Quota): number {
    if (!quotas) return 0;
    const { tokens, atMs } = tokensIn(name, quota);
    // Below zero it holds those who wait.
    buckets.set(name, { tokens: tokens - 1, atMs });
    const missing = Math.max(0, 1 - tokens);
    // Sums of fractions are a little off.
    return Math.ceil((missing / quota.perSecond) * 1000 - 1e-6);
  }

  function spendQuota(call: AwsCall, operation: Operation): void {
    if (!quotas || !operation.quota) return;
    const key = `${call.service}:${call.operation}`;
    const { tokens, atMs } = tokensIn(key, operation.quota);
    const spent = tokens >= 1;
    buckets.set(key, { tokens: spent ? tokens - 1 : tokens, atMs });
    if (spent) return;
    throw (
      services.get(call.service)?.throttled?.(call.operation) ??
      new AwsError("ThrottlingException", "Rate exceeded")
    );
  }

  async function answer(call: AwsCall, operation: Operation): Promise<Shape> {
    if (call.caller.kind === "role") {
      for (const permission of operation.permissions(call.input))
        authorizer.check(call.caller.arn, permission);
    }
    spendQuota(call, operation);
    return operation.run(call.input, call);
  }

  function emit(event: RuntimeEvent): void {
    const emitted = { ...event, atMs: clock.now() };
    for (const observer of observers) observer(emitted);
  }

  return {
    clock,
    region,
    account,
    store,
    credentials: localCredentials(store),
    awsEndpoint: options.awsEndpoint ?? AWS_ENDPOINT,
    units,
    emit,
    reserve,
    register: (service) => void services.set(service.name, service),
    services: () => [...services.values()],
    meter: (unit, amount) => void (units[unit] = (units[unit] ?? 0) + amount),
    arn: (service, resource) => `arn:aws:${service}:${region}:${account}:${resource}`,
    interfere: (plan) => faults.add(plan),
    observe(observer) {
      observers.add(observer);
      return () => void observers.delete(observer);
    },
    async call(call) {
      const { caller, service, operation } = call;
      try {
        const found = operationOf(call);
        const run = () => (found.waits ? answer(call, found) : clock.hold(() => answer(call, found)));
        if (isOfFunction(caller) && crashed()) await crash();
        const fault = faults.meeting(call);
        const reply = await (fault ? fault(run, crash, call) : run());
        emit({ kind: "aws-call", caller, service, operation });
        return reply;
      } catch (error) {
        const code = error instanceof AwsError ? error.code : "InternalError";
        emit({ kind: "aws-call", caller, service, operation, error: code, resources: resourcesOf(call) });
        throw error;
      }
    },
  };
}
