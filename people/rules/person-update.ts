/** An update of a stored person: sets the named fields, and may remove the client. */
import { type DynamoDBExpression, util } from "@aws-appsync/utils";
import { checkedName, nameKey } from "./names.ts";

/** A name as it is stored, with the key that finds it. */
export function storedName(field: "firstName" | "lastName", text: string): Record<string, string> {
  const name = checkedName(field, text);
  return { [field]: name, [`${field}Key`]: nameKey(name) };
}

export function updateOf(changes: Record<string, string>, removesClient: boolean): DynamoDBExpression {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const sets: string[] = [];
  for (const [attribute, value] of Object.entries(changes)) {
    names[`#${attribute}`] = attribute;
    values[`:${attribute}`] = value;
    sets.push(`#${attribute} = :${attribute}`);
  }
  const set = `SET ${sets.join(", ")}`;
  return {
    expression: removesClient ? `${set} REMOVE clientId` : set,
    expressionNames: names,
    expressionValues: util.dynamodb.toMapValues(values),
  };
}

/** `null` removes the client; without the field the client stays. */
export const removesClient = (input: { clientId?: string | null }): boolean =>
  Object.hasOwn(input, "clientId") && !input.clientId;
