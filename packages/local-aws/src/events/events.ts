/** Local EventBridge: buses, rules, archives. */
import {
  AwsError,
  type LocalAws,
  type Json,
  type Operation,
  type Service,
  type Shape,
} from "../local-aws.ts";
import { listPage } from "../list-page.ts";
import type { ResourceTypes } from "../resource.ts";
import { type Archive, dropOldEvents } from "./archive.ts";
import { busNameOf, createEventBuses, type EventBuses, type Target } from "./event-buses.ts";
import { envelope, type EventEnvelope } from "./event-envelope.ts";
import { compilePattern } from "./event-pattern.ts";
import { eventResources } from "./event-resources.ts";
import { putEvents, putEventsPermissions } from "./put-events.ts";
import { describeRule, findRule, putRule, putTargets, type RuleRequest } from "./rules.ts";

export interface Events {
  readonly service: Service;
  readonly resources: ResourceTypes;
  /** Goes on with what an earlier run had taken in. */
  resume(): void;
}

export function createEvents(localAws: LocalAws): Events {
  const buses = createEventBuses(localAws);
  const operations: Record<string, Operation> = {
    PutEvents: {
      permissions: (input) => putEventsPermissions(localAws, input),
      run: (input) => putEvents(localAws, buses, input),
      quota: { perSecond: 10_000, burst: 10_000 },
    },
    ...internalOperations(localAws, buses),
    ...ruleOperations(localAws, buses),
    ...listings(localAws, buses),
  };
  return {
    service: { name: "events", operations },
    resources: eventResources(localAws, buses),
    resume: () => buses.resume(),
  };
}

/** Not part of the API: only services of this runtime call them. */
const internalOperations = (localAws: LocalAws, buses: EventBuses): Record<string, Operation> => ({
  /** An event of an AWS service, on the default bus, free of charge. */
  PutServiceEvent: {
    permissions: () => [{ action: "events:PutServiceEvent", resource: "*" }],
    run(input, { caller }) {
      if (caller.kind === "role") throw new AwsError("UnknownOperationException", "events:PutServiceEvent");
      const event = envelope(localAws, {
        source: input["source"] as string,
        detailType: input["detail-type"] as string,
        resources: (input["resources"] ?? []) as string[],
        detail: input["detail"] as Json,
      });
      buses.publish("default", event);
      return { EventId: event.id };
    },
  },
  /** An event that a rule hands on to another bus: it stays the same event. */
  ForwardEvent: {
    permissions: ({ EventBusName: bus }) => [
      {
        action: "events:PutEvents",
        resource: localAws.arn("events", `event-bus/${busNameOf(bus as string)}`),
      },
    ],
    run(input) {
      buses.get(input["EventBusName"] as string);
      buses.publish(input["EventBusName"] as string, input["event"] as EventEnvelope);
      localAws.meter("events:event", 1);
      return {};
    },
  },
});

const onRule = (
  localAws: LocalAws,
  action: string,
  nameField: "Name" | "Rule",
  run: (input: Shape, busName: string | undefined) => Shape,
): Operation => ({
  permissions(input) {
    const bus = busNameOf(input["EventBusName"] as string | undefined);
    const path = `${bus === "default" ? "" : `${bus}/`}${input[nameField] as string}`;
    return [{ action: `events:${action}`, resource: localAws.arn("events", `rule/${path}`) }];
  },
  run: (input) => run(input, input["EventBusName"] as string | undefined),
});

const ruleOperations = (localAws: LocalAws, buses: EventBuses): Record<string, Operation> => ({
  PutRule: onRule(localAws, "PutRule", "Name", (input) => {
    const request = input as unknown as RuleRequest;
    return { RuleArn: putRule(localAws, buses, request).arn };
  }),
  PutTargets: onRule(localAws, "PutTargets", "Rule", (input, bus) => {
    putTargets(findRule(buses, bus, input["Rule"] as string), input["Targets"] as Target[]);
    return { FailedEntryCount: 0, FailedEntries: [] };
  }),
  DescribeRule: onRule(localAws, "DescribeRule", "Name", (input, bus) =>
    describeRule(findRule(buses, bus, input["Name"] as string)),
  ),
  ListTargetsByRule: onRule(localAws, "ListTargetsByRule", "Rule", (input, bus) =>
    pageOf("Targets", [...findRule(buses, bus, input["Rule"] as string).targets.values()], input),
  ),
});

const listings = (localAws: LocalAws, buses: EventBuses): Record<string, Operation> => {
  const listing = (action: string, run: (input: Shape) => Shape): Operation => ({
    permissions: () => [{ action: `events:${action}`, resource: "*" }],
    run,
  });
  const archives = (): Archive[] => buses.all().flatMap((bus) => [...bus.archives.values()]);
  return {
    ListRules: listing("ListRules", (input) => {
      const rules = [...buses.get(input["EventBusName"] as string | undefined).rules.values()];
      return pageOf("Rules", withPrefix(rules, input).map(describeRule), input);
    }),
    ListEventBuses: listing("ListEventBuses", (input) => {
      const named = withPrefix(buses.all(), input);
      return pageOf(
        "EventBuses",
        named.map(({ name, arn }) => ({ Name: name, Arn: arn })),
        input,
      );
    }),
    DescribeEventBus: listing("DescribeEventBus", ({ Name }) => {
      const { name, arn } = buses.get(Name as string | undefined);
      return { Name: name, Arn: arn };
    }),
    ListArchives: listing("ListArchives", (input) => {
      const source = input["EventSourceArn"];
      const from = archives().filter(({ sourceArn }) => source === undefined || sourceArn === source);
      const summaries = withPrefix(from, input).map((archive) => summaryOf(archive, localAws.clock.now()));
      return pageOf("Archives", summaries, input);
    }),
    DescribeArchive: listing("DescribeArchive", ({ ArchiveName }) => {
      const archive = archives().find(({ name }) => name === ArchiveName);
      if (archive) return describeArchive(archive, localAws.clock.now());
      throw new AwsError("ResourceNotFoundException", `Archive ${ArchiveName as string} does not exist.`);
    }),
    TestEventPattern: listing("TestEventPattern", ({ EventPattern, Event }) => ({
      Result: compilePattern(EventPattern as string)(testedEvent(Event)),
    })),
  };
};

function testedEvent(text: unknown): Shape {
  try {
    const event: unknown = JSON.parse(String(text));
    if (typeof event === "object" && event !== null) return event as Shape;
  } catch {
    // Refused below like any other text that is no object.
  }
  throw new AwsError("ValidationException", "Parameter Event is not a valid JSON object.");
}

function withPrefix<T extends { readonly name: string }>(items: readonly T[], input: Shape): T[] {
  return items.filter(({ name }) => name.startsWith((input["NamePrefix"] ?? "") as string));
}

function pageOf(member: string, items: readonly unknown[], input: Shape): Shape {
  const { Limit: limit, NextToken: token } = input;
  const refuse = (message: string) => new AwsError("ValidationException", message);
  const { items: page, next } = listPage(items, { member: "limit", limit, most: 100, token, refuse });
  return { [member]: page, ...(next ? { NextToken: next } : {}) };
}

/** A list says less than the description: no ARN of the archive, no pattern. */
function summaryOf(archive: Archive, nowMs: number): Shape {
  const { ArchiveArn: _, EventPattern: __, ...summary } = describeArchive(archive, nowMs);
  return summary;
}

function describeArchive(archive: Archive, nowMs: number): Shape {
  dropOldEvents(archive, nowMs);
  return {
    ArchiveName: archive.name,
    ArchiveArn: archive.arn,
    EventSourceArn: archive.sourceArn,
    EventPattern: archive.patternText,
    State: "ENABLED",
    RetentionDays: archive.retentionDays,
    SizeBytes: archive.events.reduce((sum, { event }) => sum + JSON.stringify(event).length, 0),
    EventCount: archive.events.length,
    CreationTime: archive.createdAtMs / 1000,
  };
}
