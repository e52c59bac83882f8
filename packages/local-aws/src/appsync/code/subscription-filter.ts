/** Enhanced subscription filters: how they are made of a filter input, and which results pass them. */
import { FieldError } from "../graphql-error.ts";

interface Test {
  readonly fieldName: string;
  readonly operator: string;
  readonly value: unknown;
}

/** Passed if all tests of one group are. */
export interface SubscriptionFilter {
  readonly filterGroup: readonly { readonly filters: readonly Test[] }[];
}

/** AppSync's bounds of one filter. */
const MAX_GROUPS = 10;
const MAX_TESTS = 20;

type Tests = readonly Test[];

/** `and` and `or` of any depth become groups: a list of alternatives, each a list of tests. */
export function toSubscriptionFilter(filter: unknown): SubscriptionFilter {
  const groups = alternatives(filter).filter((tests) => tests.length > 0);
  if (groups.length > MAX_GROUPS || groups.some((tests) => tests.length > MAX_TESTS)) {
    throw new FieldError("The subscription filter has too many parts", "BadRequest");
  }
  return { filterGroup: groups.map((filters) => ({ filters })) };
}

function alternatives(filter: unknown): Tests[] {
  const entries = Object.entries((filter ?? {}) as Record<string, unknown>);
  let found: Tests[] = [[]];
  for (const [key, part] of entries) {
    if (part === null || part === undefined) continue;
    if (key === "and") for (const one of part as unknown[]) found = both(found, alternatives(one));
    else if (key === "or") found = both(found, (part as unknown[]).flatMap(alternatives));
    else found = both(found, [testsOf(key, part as Record<string, unknown>)]);
  }
  return found;
}

function both(left: Tests[], right: Tests[]): Tests[] {
  const product = left.flatMap((one) => right.map((other) => [...one, ...other]));
  if (product.length > 100) throw new FieldError("The subscription filter has too many parts", "BadRequest");
  return product;
}

const testsOf = (fieldName: string, operators: Record<string, unknown>): Tests =>
  Object.entries(operators)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([operator, value]) => ({ fieldName, operator, value }));

export function passes(
  { filterGroup }: SubscriptionFilter,
  result: Readonly<Record<string, unknown>>,
): boolean {
  if (filterGroup.length === 0) return true;
  return filterGroup.some(({ filters }) => filters.every((test) => holds(test, result[test.fieldName])));
}

type Comparable = string | number | boolean;

function holds({ operator, value, fieldName }: Test, actual: unknown): boolean {
  if (actual === null || actual === undefined) return operator === "ne" || operator.startsWith("not");
  const has = actual as Comparable;
  const wanted = value as Comparable;
  const list = (Array.isArray(value) ? value : []) as Comparable[];
  switch (operator) {
    case "eq":
      return has === wanted;
    case "ne":
      return has !== wanted;
    case "lt":
      return has < wanted;
    case "le":
      return has <= wanted;
    case "gt":
      return has > wanted;
    case "ge":
      return has >= wanted;
    case "contains":
      return String(has).includes(String(wanted));
    case "notContains":
      return !String(has).includes(String(wanted));
    case "beginsWith":
      return String(has).startsWith(String(wanted));
    case "in":
      return list.includes(has);
    case "notIn":
      return !list.includes(has);
    case "between":
      return list.length === 2 && has >= (list[0] ?? "") && has <= (list[1] ?? "");
    default:
      throw new FieldError(`the operator ${operator} of ${fieldName} is not known`, "BadRequest");
  }
}
