/** Where table names stand in a request, and the two ways to write one: the name or the ARN. */
import type { Shape } from "../local-aws.ts";

export const nameOfTable = (nameOrArn: string): string =>
  nameOrArn.replace(/^arn:aws:dynamodb:.*:table\//, "");

/** A copy of the request with every table name replaced; only what holds a name is copied. */
export function mapTableNames(input: Shape, replace: (name: string) => string): Shape {
  const mapped: Shape = { ...input };
  if (typeof input["TableName"] === "string") mapped["TableName"] = replace(input["TableName"]);
  if (isShape(input["RequestItems"])) {
    const items = Object.entries(input["RequestItems"]);
    mapped["RequestItems"] = Object.fromEntries(items.map(([name, value]) => [replace(name), value]));
  }
  if (Array.isArray(input["TransactItems"])) {
    mapped["TransactItems"] = input["TransactItems"].map((part: Shape) =>
      Object.fromEntries(
        Object.entries(part).map(([kind, value]) => [
          kind,
          isShape(value) ? mapTableNames(value, replace) : value,
        ]),
      ),
    );
  }
  return mapped;
}

const isShape = (value: unknown): value is Shape =>
  typeof value === "object" && value !== null && !Array.isArray(value);
