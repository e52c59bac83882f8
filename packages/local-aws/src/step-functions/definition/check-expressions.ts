/** Findings about single expressions: form, syntax, and names that Step Functions does not offer there. */
import { expressionIn, type PlainObject } from "./definition.ts";
import { referencesOf } from "./expression-references.ts";
import { stringsOfState } from "./places.ts";

export function checkExpressions(state: PlainObject, path: string): string[] {
  return stringsOfState(state).flatMap(({ text, place }) =>
    checkString(text, place, state).map((finding) => `${finding} at ${path}/${place}`),
  );
}

/** AWS accepts `$eval` in a definition and fails when it evaluates it. */
export function checkEval(state: PlainObject, path: string): string[] {
  return stringsOfState(state).flatMap(({ text, place }) => {
    const source = expressionIn(text);
    const isUsed = source !== undefined && referencesOf(source).variables.has("eval");
    return isUsed ? [`$eval is not available; use $parse at ${path}/${place}`] : [];
  });
}

function checkString(text: string, place: string, state: PlainObject): string[] {
  const source = expressionIn(text);
  if (source === undefined) {
    const isMeant = /^\s*\{%/.test(text) || /%\}\s*$/.test(text);
    return isMeant ? ["INVALID_JSONATA_EXPRESSION: The text must start with '{%' and end with '%}'"] : [];
  }
  const { syntaxError, statesMembers, topLevelNames } = referencesOf(source);
  if (syntaxError !== undefined) return [`INVALID_JSONATA_EXPRESSION: ${syntaxError}`];
  const unknown = [...topLevelNames].map(
    (name) => `UNSUPPORTED_JSONATA_EXPRESSION: Reference to '${name}' at the top level is not supported.`,
  );
  return [...unknown, ...checkStates(statesMembers, place, state)];
}

/** Which members of `$states` a field may read. */
function checkStates(members: ReadonlySet<string>, place: string, state: PlainObject): string[] {
  const hasResult = ["Task", "Parallel", "Map"].includes(String(state["Type"]));
  const mayRead: Readonly<Record<string, boolean>> = {
    input: true,
    context: true,
    result: hasResult && /^(?:Output|Assign)(?:$|[/[])/.test(place),
    errorOutput: /^Catch\[\d+\]\/(?:Output|Assign)(?:$|[/[])/.test(place),
  };
  return [...members].flatMap((member) => {
    const [name = ""] = member.split(".");
    if (name !== "" && name !== "*" && mayRead[name] !== true) return [`$states.${name} is not available`];
    if (member !== "context.Task.Token") return [];
    const hasToken = place.startsWith("Arguments") && String(state["Resource"]).endsWith(".waitForTaskToken");
    return hasToken ? [] : ["$states.context.Task.Token is not available"];
  });
}
