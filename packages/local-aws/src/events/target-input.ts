/** What a target is given: the event, a part of it, a constant, or a template filled from it. Always text. */
import type { Shape } from "../local-aws.ts";
import type { EventEnvelope } from "./event-envelope.ts";

export interface InputOptions {
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: {
    readonly InputPathsMap?: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
}

export interface InputContext {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** ISO 8601. */
  readonly ingestedAt: string;
}

export function targetInput(options: InputOptions, event: EventEnvelope, context: InputContext): string {
  if (options.Input !== undefined) return options.Input;
  if (options.InputTransformer) return fillTemplate(options.InputTransformer, event, context);
  const value = options.InputPath === undefined ? event : valueAt(event, options.InputPath);
  return JSON.stringify(value ?? {});
}

type Transformer = NonNullable<InputOptions["InputTransformer"]>;

function fillTemplate(transformer: Transformer, event: EventEnvelope, context: InputContext): string {
  const { InputPathsMap: paths = {}, InputTemplate: template } = transformer;
  const values: Shape = {
    "aws.events.rule-arn": context.ruleArn,
    "aws.events.rule-name": context.ruleName,
    "aws.events.event.ingestion-time": context.ingestedAt,
    "aws.events.event": withoutDetail(event),
    "aws.events.event.json": event,
  };
  for (const [name, path] of Object.entries(paths)) values[name] = valueAt(event, path);
  let isQuoted = false;
  // Placeholders inside quotes are put in as text, others as JSON; so the scan keeps track of the quotes.
  const filled = template.replace(/\\.|"|<([^<>\s]+)>/g, (found, name: string | undefined) => {
    if (found === '"') isQuoted = !isQuoted;
    if (name === undefined || !Object.hasOwn(values, name)) return found;
    return isQuoted ? quotedText(values[name]) : JSON.stringify(values[name] ?? "");
  });
  return isJsonText(filled) ? (JSON.parse(filled) as string) : filled;
}

/** A template that is one quoted string stands for its text. */
function isJsonText(filled: string): boolean {
  try {
    return typeof JSON.parse(filled) === "string";
  } catch {
    return false;
  }
}

function quotedText(value: unknown): string {
  const text = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
  return JSON.stringify(text).slice(1, -1);
}

function withoutDetail({ detail: _detail, ...rest }: EventEnvelope): Shape {
  return rest;
}

/** The JSON path of rules: $.a.b, $.a[0], $.a-b. */
export function valueAt(event: unknown, path: string): unknown {
  if (!path.startsWith("$")) throw new Error(`input path ${path} does not begin with $`);
  const steps = path.slice(1).match(/\.[^.[\]]+|\[\d+\]|\['[^']+'\]/g) ?? [];
  return steps.reduce<unknown>((value, step) => {
    const name = step.startsWith(".") ? step.slice(1) : step.slice(1, -1).replaceAll("'", "");
    return (value as Shape | null | undefined)?.[name];
  }, event);
}
