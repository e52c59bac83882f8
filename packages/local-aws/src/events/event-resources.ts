/** AWS::Events::EventBus, Rule and Archive. */
import type { LocalAws, Shape } from "../local-aws.ts";
import { nameOf, type ResourceType, type ResourceTypes } from "../resource.ts";
import type { Archive } from "./archive.ts";
import type { EventBuses, Target } from "./event-buses.ts";
import { compilePattern } from "./event-pattern.ts";
import { putRule, putTargets } from "./rules.ts";

export const eventResources = (localAws: LocalAws, buses: EventBuses): ResourceTypes => ({
  "AWS::Events::EventBus": busResource(buses),
  "AWS::Events::Rule": ruleResource(localAws, buses),
  "AWS::Events::Archive": archiveResource(localAws, buses),
});

const busResource = (buses: EventBuses): ResourceType => ({
  honoured: ["Name"],
  ignored: ["DeadLetterConfig", "Description", "KmsKeyIdentifier", "LogConfig", "Tags"],
  renewedBy: ["Name"],
  namedBy: "Name",
  taken: ({ properties }) => buses.find(properties["Name"] as string)?.name,
  create({ properties, before }) {
    const given = properties["Name"] as string;
    const { name, arn } = (before && buses.find(given)) ?? buses.add(given);
    return { ref: name, attributes: { Arn: arn, Name: name } };
  },
  remove: (name) => buses.remove(name),
});

const busOf = (properties: Shape): string | undefined => properties["EventBusName"] as string | undefined;

const ruleResource = (localAws: LocalAws, buses: EventBuses): ResourceType => ({
  honoured: ["Name", "EventBusName", "EventPattern", "State", "Targets", "Description"],
  ignored: ["Tags"],
  renewedBy: ["Name", "EventBusName"],
  namedBy: "Name",
  taken: (request) => buses.find(busOf(request.properties))?.rules.get(nameOf(request, "Name", 64))?.name,
  remove: (ref, properties) => void buses.find(busOf(properties))?.rules.delete(ref.split("|").at(-1) ?? ""),
  create(request) {
    const properties = request.properties as {
      Name?: string;
      EventBusName?: string;
      EventPattern?: object;
      State?: string;
      Description?: string;
      Targets?: Target[];
    };
    const { EventPattern: pattern, Targets: targets = [], ...rest } = properties;
    const Name = nameOf(request, "Name", 64);
    const rule = putRule(localAws, buses, { ...rest, Name, EventPattern: JSON.stringify(pattern ?? {}) });
    rule.targets.clear();
    putTargets(rule, targets);
    const ref = rule.busName === "default" ? rule.name : `${rule.busName}|${rule.name}`;
    return { ref, attributes: { Arn: rule.arn } };
  },
});

const archiveResource = (localAws: LocalAws, buses: EventBuses): ResourceType => ({
  honoured: ["ArchiveName", "SourceArn", "EventPattern", "RetentionDays"],
  ignored: ["Description", "KmsKeyIdentifier"],
  renewedBy: ["ArchiveName", "SourceArn"],
  remove: (name, { SourceArn }) => void buses.find(SourceArn as string | undefined)?.archives.delete(name),
  create(request) {
    const { properties } = request;
    const name = (properties["ArchiveName"] as string | undefined) ?? request.physicalName(48);
    const pattern = properties["EventPattern"];
    const patternText = pattern === undefined ? undefined : JSON.stringify(pattern);
    const bus = buses.get(properties["SourceArn"] as string);
    const archive: Archive = {
      name,
      arn: localAws.arn("events", `archive/${name}`),
      sourceArn: properties["SourceArn"] as string,
      patternText,
      pattern: patternText === undefined ? undefined : compilePattern(patternText),
      retentionDays: Number(properties["RetentionDays"] ?? 0),
      createdAtMs: localAws.clock.now(),
      events: bus.archives.get(name)?.events ?? [],
    };
    bus.archives.set(name, archive);
    return { ref: name, attributes: { Arn: archive.arn, ArchiveName: name } };
  },
});
