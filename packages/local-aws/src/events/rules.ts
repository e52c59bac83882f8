/** Rules and their targets: PutRule, PutTargets and the operations that list them. */
import { AwsError, type LocalAws, type Shape } from "../local-aws.ts";
import type { EventBuses, Rule, Target } from "./event-buses.ts";
import { compilePattern } from "./event-pattern.ts";
import { refuseUnknownTarget } from "./invoke-target.ts";

const MAX_PATTERN_CHARACTERS = 2_048;
const MAX_TARGETS = 5;
const TARGET_PROPERTIES = new Set([
  "Id",
  "Arn",
  "RoleArn",
  "Input",
  "InputPath",
  "InputTransformer",
  "RetryPolicy",
  "DeadLetterConfig",
  "AppSyncParameters",
]);

export interface RuleRequest {
  readonly Name: string;
  readonly EventBusName?: string;
  /** JSON text. */
  readonly EventPattern?: string;
  readonly ScheduleExpression?: string;
  readonly State?: string;
  readonly Description?: string;
}

export function putRule(localAws: LocalAws, buses: EventBuses, request: RuleRequest): Rule {
  const { Name: name, EventPattern: patternText, ScheduleExpression: schedule } = request;
  const bus = buses.get(request.EventBusName);
  if (schedule) {
    throw new AwsError(
      "ValidationException",
      "ScheduleExpression is not part of the local runtime: use a schedule",
    );
  }
  if (!patternText) {
    throw new AwsError(
      "ValidationException",
      "Parameter(s) EventPattern or ScheduleExpression must be specified.",
    );
  }
  if (patternText.length > MAX_PATTERN_CHARACTERS) {
    throw new AwsError(
      "LimitExceededException",
      "The requested resource exceeds the maximum number allowed.",
    );
  }
  const rule: Rule = {
    name,
    arn: localAws.arn("events", `rule/${bus.name === "default" ? "" : `${bus.name}/`}${name}`),
    busName: bus.name,
    patternText,
    pattern: compilePattern(patternText),
    isEnabled: request.State !== "DISABLED",
    description: request.Description,
    targets: bus.rules.get(name)?.targets ?? new Map<string, Target>(),
  };
  bus.rules.set(name, rule);
  return rule;
}

export function putTargets(rule: Rule, targets: readonly Target[]): void {
  for (const target of targets) {
    const unknown = Object.keys(target).find((name) => !TARGET_PROPERTIES.has(name));
    if (unknown)
      throw new AwsError(
        "ValidationException",
        `rule ${rule.name}: target property ${unknown} is not part of the local runtime`,
      );
    refuseUnknownTarget(target);
    rule.targets.set(target.Id, target);
  }
  if (rule.targets.size > MAX_TARGETS) {
    throw new AwsError(
      "LimitExceededException",
      "The requested resource exceeds the maximum number allowed.",
    );
  }
}

export function findRule(buses: EventBuses, busName: string | undefined, name: string): Rule {
  const bus = buses.get(busName);
  const rule = bus.rules.get(name);
  if (rule) return rule;
  throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${bus.name}.`);
}

export const describeRule = (rule: Rule): Shape => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.patternText,
  State: rule.isEnabled ? "ENABLED" : "DISABLED",
  EventBusName: rule.busName,
  ...(rule.description ? { Description: rule.description } : {}),
});
