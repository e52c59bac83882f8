/** What IAM is asked for each operation. A transaction has no action of its own: each of its parts is asked for. */
import type { LocalAws, Permission, Shape } from "../local-aws.ts";
import { nameOfTable } from "./table-name.ts";

const ACTION_OF_PART: Readonly<Record<string, string>> = {
  Put: "PutItem",
  Update: "UpdateItem",
  Delete: "DeleteItem",
  ConditionCheck: "ConditionCheckItem",
  Get: "GetItem",
};

export function permissionsOf(operation: string, input: Shape, localAws: LocalAws): Permission[] {
  const table = (name: unknown): string => localAws.arn("dynamodb", `table/${nameOfTable(String(name))}`);
  if (operation.startsWith("Transact")) {
    const parts = ((input["TransactItems"] ?? []) as Record<string, Shape>[]).flatMap(Object.entries);
    return parts.map(([kind, part]) => ({
      action: `dynamodb:${ACTION_OF_PART[kind] ?? kind}`,
      resource: table((part as Shape)["TableName"]),
    }));
  }
  const action = `dynamodb:${operation}`;
  if (operation.startsWith("Batch")) {
    return Object.keys((input["RequestItems"] ?? {}) as Shape).map((name) => ({
      action,
      resource: table(name),
    }));
  }
  if (operation === "ListTables") return [{ action, resource: "*" }];
  const resource = table(input["TableName"] ?? input["ResourceArn"]);
  const index = input["IndexName"] as string | undefined;
  return [{ action, resource: index === undefined ? resource : `${resource}/index/${index}` }];
}
