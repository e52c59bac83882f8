/** TransactWriteItems of a resolver: puts, updates, deletions and checks in any tables that its role may write, all or none. */
import type { AwsError, Shape } from "../../local-aws.ts";
import { FieldError } from "../graphql-error.ts";
import { conditionOf, type Expression, itemOf, namesAndValues } from "./wire-shapes.ts";

export interface TransactItem {
  readonly table: string;
  readonly operation: string;
  readonly key: Shape;
  readonly attributeValues?: Shape;
  readonly update?: Expression;
  readonly condition?: Expression & { readonly returnValuesOnConditionCheckFailure?: boolean };
}

interface Transacted {
  /** Of each part, in order; the items themselves are not told. */
  readonly keys: readonly unknown[] | null;
  readonly cancellationReasons: readonly unknown[] | null;
}

export async function transactWrite(
  call: (operation: string, input: Shape) => Promise<Shape>,
  items: readonly TransactItem[],
): Promise<Transacted> {
  await call("TransactWriteItems", { TransactItems: items.map(partOf) });
  return { keys: items.map(({ key }) => itemOf(key)), cancellationReasons: null };
}

function partOf({ table, operation, key, attributeValues, update, condition }: TransactItem): Shape {
  const onTable = { TableName: table, ...returned(condition) };
  switch (operation) {
    case "PutItem":
      return { Put: { ...onTable, Item: { ...attributeValues, ...key }, ...conditionOf(condition) } };
    case "UpdateItem": {
      const expressions = { UpdateExpression: update?.expression, ...conditionOf(condition) };
      return { Update: { ...onTable, Key: key, ...expressions, ...namesAndValues(update, condition) } };
    }
    case "DeleteItem":
      return { Delete: { ...onTable, Key: key, ...conditionOf(condition) } };
    case "ConditionCheck":
      return { ConditionCheck: { ...onTable, Key: key, ...conditionOf(condition) } };
    default:
      throw new FieldError(`a transaction has no operation ${operation}`, "MappingTemplate");
  }
}

/** The item that a condition refused is told unless the resolver says no. */
const returned = (condition: TransactItem["condition"]): Shape =>
  condition && condition.returnValuesOnConditionCheckFailure !== false
    ? { ReturnValuesOnConditionCheckFailure: "ALL_OLD" }
    : {};

/** What a resolver sees of a transaction that was not done: a reason for each part if it was cancelled. */
export function cancelled({ code, fields }: AwsError): Transacted {
  const reasons = (fields["CancellationReasons"] ?? []) as Shape[];
  const isCancelled = code === "TransactionCanceledException";
  return { keys: null, cancellationReasons: isCancelled ? reasons.map(reasonOf) : null };
}

const reasonOf = ({ Code, Message, Item }: Shape): Shape => ({
  type: Code,
  message: Message ?? null,
  item: itemOf(Item),
});
