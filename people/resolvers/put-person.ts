/** createPerson, after its client was checked: whoever creates a person owns it. */
import { type Context, type DynamoDBPutItemRequest, util } from "@aws-appsync/utils";
import { subOf } from "../rules/caller.ts";
import { allOf, refuseFailure } from "../rules/condition.ts";
import { checkedName, checkId, DIRECTORY, nameKey } from "../rules/names.ts";

type Args = {
  input: { id?: string | null; firstName: string; lastName: string; clientId?: string | null };
  condition?: unknown;
};

export function request(ctx: Context<Args>): DynamoDBPutItemRequest {
  const { clientId } = ctx.args.input;
  const id = ctx.args.input.id ?? util.autoId();
  checkId("id", id);
  const firstName = checkedName("firstName", ctx.args.input.firstName);
  const lastName = checkedName("lastName", ctx.args.input.lastName);
  const now = util.time.nowISO8601();
  const person = {
    __typename: "Person",
    owner: subOf(ctx),
    firstName,
    lastName,
    createdAt: now,
    updatedAt: now,
    directory: DIRECTORY,
    firstNameKey: nameKey(firstName),
    lastNameKey: nameKey(lastName),
  };
  return {
    operation: "PutItem",
    key: util.dynamodb.toMapValues({ id }),
    attributeValues: util.dynamodb.toMapValues(clientId ? { ...person, clientId } : person),
    condition: allOf([{ id: { attributeExists: false } }, ctx.args.condition]),
  };
}

export function response(ctx: Context) {
  refuseFailure(ctx);
  return ctx.result;
}
