/** `util.transform`: filters and conditions, as Amplify's inputs spell them, become expressions of DynamoDB. */
import { marshall } from "@aws-sdk/util-dynamodb";
import { FieldError } from "../graphql-error.ts";

type Operators = Readonly<Record<string, unknown>>;

export interface Expression {
  readonly expression: string;
  readonly expressionNames: Record<string, string>;
  readonly expressionValues: Record<string, unknown>;
}

const COMPARE: Readonly<Record<string, string>> = { eq: "=", ne: "<>", lt: "<", le: "<=", gt: ">", ge: ">=" };

const TYPES: Readonly<Record<string, string>> = {
  binary: "B",
  binarySet: "BS",
  bool: "BOOL",
  boolean: "BOOL",
  list: "L",
  map: "M",
  number: "N",
  numberSet: "NS",
  string: "S",
  stringSet: "SS",
  _null: "NULL",
};

export function toExpression(condition: unknown): Expression {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};

  /** The next number to try behind each name: a filter may have thousands of one. */
  const numbers = new Map<string, number>();
  const valueFor = (name: string, value: unknown): string => {
    let key = `:${name}`;
    let number = numbers.get(name) ?? 1;
    for (; key in values; number += 1) key = `:${name}_${number}`;
    numbers.set(name, number);
    values[key] = marshall({ value }, { removeUndefinedValues: true })["value"];
    return key;
  };

  function comparison(subject: string, name: string, operator: string, operand: unknown): string {
    const compare = COMPARE[operator];
    if (compare) return `${subject} ${compare} ${valueFor(`${name}_${operator}`, operand)}`;
    if (operator === "between") {
      const [from, to] = Array.isArray(operand) ? operand : [];
      return `${subject} BETWEEN ${valueFor(`${name}_from`, from)} AND ${valueFor(`${name}_to`, to)}`;
    }
    throw new FieldError(`the operator ${operator} of ${name} is not known`, "TransformationError");
  }

  function onAttribute(attribute: string, operators: Operators): string[] {
    const name = attribute.replaceAll(/\W/g, "_");
    const subject = `#${name}`;
    names[subject] = attribute;
    return Object.entries(operators)
      .filter(([operator, operand]) => operand !== undefined && (operand !== null || comparesNull(operator)))
      .map(([operator, operand]) => {
        switch (operator) {
          case "attributeExists":
            return `${operand === true ? "attribute_exists" : "attribute_not_exists"}(${subject})`;
          case "attributeType":
            return `attribute_type(${subject}, ${valueFor(`${name}_type`, TYPES[String(operand)] ?? operand)})`;
          case "contains":
            return `contains(${subject}, ${valueFor(`${name}_contains`, operand)})`;
          case "notContains":
            return `NOT contains(${subject}, ${valueFor(`${name}_notContains`, operand)})`;
          case "beginsWith":
            return `begins_with(${subject}, ${valueFor(`${name}_beginsWith`, operand)})`;
          case "size":
            return joined(
              "AND",
              Object.entries(operand as Operators)
                .filter(([, size]) => size !== null && size !== undefined)
                .map(([compared, size]) => comparison(`size(${subject})`, `${name}_size`, compared, size)),
            );
          default:
            return comparison(subject, name, operator, operand);
        }
      });
  }

  function all(filter: unknown): string {
    const parts = Object.entries((filter ?? {}) as Operators).flatMap(([key, part]) => {
      if (part === null || part === undefined) return [];
      if (key === "and") return joined("AND", listOf(part).map(all));
      if (key === "or") return joined("OR", listOf(part).map(all));
      if (key === "not") return negated(all(part));
      return onAttribute(key, part as Operators);
    });
    return joined("AND", parts);
  }

  const expression = all(condition);
  return { expression, expressionNames: names, expressionValues: values };
}

/**
 * Compared to null, an attribute that is not there is not equal: `{eq: null}` finds none (amplify-cli#4425,
 * amplify-category-api#943). Of other operators nothing is recorded: with null they say nothing.
 */
const comparesNull = (operator: string): boolean => operator === "eq" || operator === "ne";

const listOf = (part: unknown): unknown[] => (Array.isArray(part) ? part : [part]);
const negated = (expression: string): string => (expression === "" ? "" : `NOT (${expression})`);

/** Parts that say nothing are left out. */
function joined(word: "AND" | "OR", parts: readonly string[]): string {
  const said = parts.filter((part) => part !== "");
  return said.length > 1 ? said.map((part) => `(${part})`).join(` ${word} `) : (said[0] ?? "");
}
