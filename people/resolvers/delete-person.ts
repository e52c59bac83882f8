/** deletePerson, after the record and its owner's row were read: the owner or an operator deletes it. */
import { type Context, type DynamoDBTransactWriteItemsRequest, util } from "@aws-appsync/utils";
import {
  isConditional,
  ownersKey,
  type Reason,
  refuseCondition,
  rowUnchanged,
  transactCondition,
} from "../rules/one-person.ts";

type Args = { input: { id: string }; condition?: unknown };
type Parts = DynamoDBTransactWriteItemsRequest["transactItems"];

export function request(ctx: Context<Args>): DynamoDBTransactWriteItemsRequest {
  const { input, condition } = ctx.args;
  const { owner } = ctx.stash;
  const isTheirs = owner ? { owner: { eq: owner } } : null;
  const person: Parts = [
    {
      table: ctx.env.PEOPLE_TABLE as string,
      operation: "DeleteItem",
      key: util.dynamodb.toMapValues({ id: input.id }),
      condition: transactCondition([{ id: { attributeExists: true } }, isTheirs, condition]),
    },
  ];
  return { operation: "TransactWriteItems", transactItems: [...person, ...unclaim(ctx)] };
}

/** Deletes the row with the Person that it names. A missing row must still be missing; a row that names another record stays. */
function unclaim(ctx: Context<Args>): Parts {
  const { owner, row } = ctx.stash;
  if (!owner || (row && row !== ctx.args.input.id)) return [];
  return [
    {
      table: ctx.env.OWNERS_TABLE as string,
      operation: "DeleteItem",
      key: ownersKey(owner),
      condition: rowUnchanged(row),
    },
  ];
}

export function response(ctx: Context<Args>) {
  const { error, result, stash } = ctx;
  if (error) {
    const [person]: Reason[] = result?.cancellationReasons ?? [];
    if (isConditional(person)) refuseCondition();
    util.error(error.message, error.type);
  }
  return stash.person;
}
