/** AWS::Events::EventBus, Rule and Archive. */
import type { Door } from "../door.ts";
import type { ResourceType, ResourceTypes } from "../resource.ts";
import type { Archive } from "./archive.ts";
import type { EventBuses, Target } from "./event-buses.ts";
import { compilePattern } from "./event-pattern.ts";
import { putRule, putTargets } from "./rules.ts";

export const eventResources = (door: Door, buses: EventBuses): ResourceTypes => ({
  "AWS::Events::EventBus": busResource(buses),
  "AWS::Events::Rule": ruleResource(door, buses),
  "AWS::Events::Archive": archiveResource(door, buses),
});

const busResource = (buses: EventBuses): ResourceType => ({
  honoured: ["Name"],
  ignored: ["DeadLetterConfig", "Description", "KmsKeyIdentifier", "LogConfig", "Tags"],
  create({ properties }) {
    const { name, arn } = buses.add(properties["Name"] as string);
    return { ref: name, attributes: { Arn: arn, Name: name } };
  },
});

const ruleResource = (door: Door, buses: EventBuses): ResourceType => ({
  honoured: ["Name", "EventBusName", "EventPattern", "State", "Targets", "Description"],
  ignored: ["Tags"],
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
    const Name = rest.Name ?? request.physicalName(64);
    const rule = putRule(door, buses, { ...rest, Name, EventPattern: JSON.stringify(pattern ?? {}) });
    putTargets(rule, targets);
    const ref = rule.busName === "default" ? rule.name : `${rule.busName}|${rule.name}`;
    return { ref, attributes: { Arn: rule.arn } };
  },
});

const archiveResource = (door: Door, buses: EventBuses): ResourceType => ({
  honoured: ["ArchiveName", "SourceArn", "EventPattern", "RetentionDays"],
  ignored: ["Description", "KmsKeyIdentifier"],
  create(request) {
    const { properties } = request;
    const name = (properties["ArchiveName"] as string | undefined) ?? request.physicalName(48);
    const pattern = properties["EventPattern"];
    const patternText = pattern === undefined ? undefined : JSON.stringify(pattern);
    const archive: Archive = {
      name,
      arn: door.arn("events", `archive/${name}`),
      sourceArn: properties["SourceArn"] as string,
      patternText,
      pattern: patternText === undefined ? undefined : compilePattern(patternText),
      retentionDays: Number(properties["RetentionDays"] ?? 0),
      createdAtMs: door.clock.now(),
      events: [],
    };
    buses.get(archive.sourceArn).archives.set(name, archive);
    return { ref: name, attributes: { Arn: archive.arn, ArchiveName: name } };
  },
});
