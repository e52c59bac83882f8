/** CloudFormation's intrinsic functions. A value that cannot be resolved is an error that names it. */

export interface Scope {
  ref(logicalId: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, key: string, second: string): unknown;
}

/** What `AWS::NoValue` resolves to: the property that holds it is left out. */
export const NO_VALUE = Symbol("AWS::NoValue");

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const INTRINSICS: Record<string, Intrinsic> = {
  Ref: (id, scope) => scope.ref(String(id)),
  "Fn::GetAtt": (argument, scope) => {
    const [id = "", ...path] = Array.isArray(argument) ? argument.map(String) : String(argument).split(".");
    return scope.attribute(id, path.join("."));
  },
  "Fn::Join": (argument, scope) => {
    const [separator, parts] = resolveList(argument, scope);
    return (parts as unknown[]).map(textOf).join(String(separator));
  },
  "Fn::Sub": substitute,
  "Fn::Select": (argument, scope) => {
    const [index, list] = resolveList(argument, scope);
    const chosen = (list as unknown[])[Number(index)];
    if (chosen === undefined) throw new Error(`Fn::Select: there is no element ${String(index)}`);
    return chosen;
  },
  "Fn::Split": (argument, scope) => {
    const [separator, text] = resolveList(argument, scope);
    return String(text).split(String(separator));
  },
  "Fn::Base64": (argument, scope) => Buffer.from(String(resolve(argument, scope))).toString("base64"),
  "Fn::FindInMap": (argument, scope) => {
    const [map, key, second] = resolveList(argument, scope).map(String);
    return scope.mapping(map ?? "", key ?? "", second ?? "");
  },
  // Only the branch that is taken is resolved: the other may name resources that do not exist.
  "Fn::If": (argument, scope) => {
    const [name, yes, no] = argument as [string, unknown, unknown];
    return resolve(scope.condition(name) ? yes : no, scope);
  },
  Condition: (name, scope) => scope.condition(String(name)),
  "Fn::Equals": (argument, scope) => {
    const [left, right] = resolveList(argument, scope);
    return String(left) === String(right);
  },
  "Fn::Not": (argument, scope) => !resolveList(argument, scope)[0],
  "Fn::And": (argument, scope) => resolveList(argument, scope).every(Boolean),
  "Fn::Or": (argument, scope) => resolveList(argument, scope).some(Boolean),
  "Fn::Contains": (argument, scope) => {
    const [list, value] = resolveList(argument, scope);
    return (list as unknown[]).map(String).includes(String(value));
  },
};

export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (typeof value !== "object" || value === null) return value;
  const intrinsic = intrinsicOf(value);
  if (intrinsic) return intrinsic.apply(intrinsic.argument, scope);
  const resolved: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    const settled = resolve(member, scope);
    if (settled !== NO_VALUE) resolved[name] = settled;
  }
  return resolved;
}

/** Logical ids that a value refers to, in whatever function. */
export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, argument]) => {
    if (name === "Ref" && typeof argument === "string") return [argument];
    if (name === "Fn::GetAtt") {
      return [Array.isArray(argument) ? String(argument[0]) : (String(argument).split(".")[0] ?? "")];
    }
    if (name === "Fn::Sub") return referencesInText(argument);
    return referencesIn(argument);
  });
}

function intrinsicOf(value: object): { argument: unknown; apply: Intrinsic } | undefined {
  const [[name, argument] = ["", undefined], ...others] = Object.entries(value);
  if (others.length > 0) return undefined;
  const apply = INTRINSICS[name];
  // A member called "Condition" is an intrinsic only with the name of a condition; a policy's is an object.
  if (apply) return name === "Condition" && typeof argument !== "string" ? undefined : { argument, apply };
  if (name.startsWith("Fn::")) throw new Error(`${name} is not part of the local runtime`);
  return undefined;
}

const VARIABLE = /\$\{([^!}][^}]*)\}/g;

function substitute(argument: unknown, scope: Scope): string {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const own = resolve(variables ?? {}, scope) as Record<string, unknown>;
  return String(text)
    .replace(VARIABLE, (_, name: string) => {
      if (name in own) return textOf(own[name]);
      const [id = "", ...path] = name.split(".");
      return textOf(path.length > 0 ? scope.attribute(id, path.join(".")) : scope.ref(id));
    })
    .replaceAll("${!", "${");
}

function referencesInText(argument: unknown): string[] {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const named = [...String(text).matchAll(VARIABLE)].map(([, name = ""]) => name);
  const free = named.filter((name) => !(name in ((variables ?? {}) as object)));
  return [...free.map((name) => name.split(".")[0] ?? ""), ...referencesIn(variables)];
}

const resolveList = (argument: unknown, scope: Scope): unknown[] => resolve(argument, scope) as unknown[];

function textOf(value: unknown): string {
  if (typeof value === "object" && value !== null)
    throw new Error(`${JSON.stringify(value)} cannot be part of a text`);
  return String(value);
}
