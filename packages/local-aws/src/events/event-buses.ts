/** Buses with their rules and archives, and the way of an event through them. */
import { AwsError, type Caller, type LocalAws, type Json } from "../local-aws.ts";
import { type Archive, archiveEvent } from "./archive.ts";
import { deliver, type RetryPolicy } from "./deliver.ts";
import { type EventEnvelope, isoSeconds } from "./event-envelope.ts";
import type { EventPattern } from "./event-pattern.ts";
import { type InputOptions, targetInput } from "./target-input.ts";

export interface Target extends InputOptions {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn?: string;
  readonly RetryPolicy?: RetryPolicy;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly AppSyncParameters?: { readonly GraphQLOperation?: string };
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly busName: string;
  readonly patternText: string;
  readonly pattern: EventPattern;
  readonly isEnabled: boolean;
  readonly description?: string | undefined;
  readonly targets: Map<string, Target>;
}

export interface EventBus {
  readonly name: string;
  readonly arn: string;
  readonly rules: Map<string, Rule>;
  readonly archives: Map<string, Archive>;
}

export interface EventBuses {
  add(name: string): EventBus;
  remove(name: string): void;
  all(): EventBus[];
  /** By name or ARN; undefined means the default bus. */
  find(nameOrArn: string | undefined): EventBus | undefined;
  get(nameOrArn: string | undefined): EventBus;
  /** Takes an event in; its deliveries begin in the order of publishing. An unknown bus takes it and drops it. */
  publish(nameOrArn: string | undefined, event: EventEnvelope): void;
  /** Delivers what an earlier run had taken in and not delivered: to every target, as an event may come twice. */
  resume(): void;
}

/** Events that were taken in, until the last of their deliveries has ended. */
const PENDING = "events.pending";

interface Pending {
  readonly busName: string;
  readonly event: EventEnvelope;
}

export const busNameOf = (nameOrArn: string | undefined): string =>
  (nameOrArn ?? "default").replace(/^arn:aws:events:.*:event-bus\//, "");

export function createEventBuses(localAws: LocalAws): EventBuses {
  const buses = new Map<string, EventBus>();

  function add(name: string): EventBus {
    const arn = localAws.arn("events", `event-bus/${name}`);
    const bus: EventBus = { name, arn, rules: new Map(), archives: new Map() };
    buses.set(name, bus);
    return bus;
  }
  add("default");

  const pending = localAws.store.rows(PENDING);
  const left = [...(pending?.entries() ?? [])];
  const keyOf = (bus: EventBus, { id }: EventEnvelope): string => `${bus.name} ${id}`;

  function dispatchSoon(bus: EventBus, event: EventEnvelope): void {
    localAws.clock.after(0, () => {
      const deliveries = dispatch(bus, event);
      if (pending) void Promise.all(deliveries).then(() => pending.delete(keyOf(bus, event)));
    });
  }

  function dispatch(bus: EventBus, event: EventEnvelope): Promise<void>[] {
    const deliveries: Promise<void>[] = [];
    for (const archive of bus.archives.values()) archiveEvent(archive, event, localAws);
    for (const rule of bus.rules.values()) {
      if (!rule.isEnabled || !rule.pattern(event)) continue;
      for (const target of rule.targets.values()) deliveries.push(deliverTo(localAws, rule, target, event));
    }
    return deliveries;
  }

  const find = (nameOrArn: string | undefined): EventBus | undefined => buses.get(busNameOf(nameOrArn));
  return {
    add,
    remove: (name) => void buses.delete(name),
    all: () => [...buses.values()],
    find,
    get(nameOrArn) {
      const bus = find(nameOrArn);
      if (bus) return bus;
      const name = busNameOf(nameOrArn);
      throw new AwsError("ResourceNotFoundException", `Event bus ${name} does not exist.`);
    },
    publish(nameOrArn, event) {
      const bus = find(nameOrArn);
      if (!bus) return;
      const { source, detail } = event;
      localAws.emit({
        kind: "event",
        bus: bus.name,
        source,
        detailType: event["detail-type"],
        detail: detail as Json,
      });
      pending?.put(keyOf(bus, event), JSON.stringify({ busName: bus.name, event } satisfies Pending));
      dispatchSoon(bus, event);
    },
    resume() {
      for (const [key, text] of left.splice(0)) {
        const { busName, event } = JSON.parse(text) as Pending;
        const bus = find(busName);
        if (bus) dispatchSoon(bus, event);
        else pending?.delete(key);
      }
    },
  };
}

function deliverTo(localAws: LocalAws, rule: Rule, target: Target, event: EventEnvelope): Promise<void> {
  const asService: Caller = { kind: "service", principal: "events.amazonaws.com", sourceArn: rule.arn };
  const caller: Caller = target.RoleArn ? { kind: "role", arn: target.RoleArn } : asService;
  const ingestedAt = isoSeconds(localAws.clock.now());
  const input = targetInput(target, event, { ruleArn: rule.arn, ruleName: rule.name, ingestedAt });
  const queueArn = target.DeadLetterConfig?.Arn;
  return deliver(localAws, {
    invocation: () => ({
      arn: target.Arn,
      input,
      caller,
      graphqlOperation: target.AppSyncParameters?.GraphQLOperation,
    }),
    retryPolicy: target.RetryPolicy,
    deadLetters: queueArn
      ? {
          queueArn,
          caller: asService,
          body: JSON.stringify(event),
          attributes: { RULE_ARN: rule.arn, TARGET_ARN: target.Arn },
        }
      : undefined,
  });
}
