/**
 * Ids of calls and clients as apps send them: UUIDs, which iOS returns in upper case. They are stored in lower case.
 * The id of a Person may be the app's own, and keeps its case.
 */
import { util } from "@aws-appsync/utils";

export const lowerId = (id: string): string => id.toLowerCase();

type Operators = Record<string, unknown>;
type Part = { clientId?: Operators | null; and?: Part[] | null; or?: Part[] | null; not?: Part | null };

/** The depth to which a filter may nest; the runtime has no recursion. */
const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const OF_LISTS = ["between", "in", "notIn"];
const NOT_OF_IDS = ["attributeExists", "attributeType", "size"];

/** The same filter or condition, with the ids of clients in it as they are stored. */
export function withLowerClientIds<T>(filter: T): T {
  const copy = JSON.parse(JSON.stringify(filter)) as T;
  let parts = [copy as Part];
  for (const level of LEVELS) {
    const below: Part[] = [];
    for (const part of parts) {
      if (part.clientId) lowerOperands(part.clientId);
      below.push(...(part.and ?? []), ...(part.or ?? []));
      if (part.not) below.push(part.not);
    }
    parts = below.filter((part) => part);
    if (level === LEVELS.length && parts.length > 0)
      util.error("the filter nests too deep", "ValidationError");
  }
  return copy;
}

const lowered = (operator: string, operand: unknown) =>
  OF_LISTS.indexOf(operator) >= 0
    ? (operand as (string | null)[]).map((id) => (id ? lowerId(id) : id))
    : lowerId(operand as string);

function lowerOperands(operators: Operators): void {
  for (const [operator, operand] of Object.entries(operators)) {
    if (operand && NOT_OF_IDS.indexOf(operator) < 0) operators[operator] = lowered(operator, operand);
  }
}
