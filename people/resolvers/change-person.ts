/** updatePerson, after its client was checked: the owner changes the named fields; the rest stay. */
import { type Context, type DynamoDBUpdateItemRequest, util } from "@aws-appsync/utils";
import { subOf } from "../rules/caller.ts";
import { allOf, refuseFailure } from "../rules/condition.ts";
import { lowerId } from "../rules/ids.ts";
import { checkId } from "../rules/names.ts";
import { removesClient, storedName, updateOf } from "../rules/person-update.ts";

type Input = { id: string; firstName?: string | null; lastName?: string | null; clientId?: string | null };
type Args = { input: Input; condition?: unknown };

export function request(ctx: Context<Args>): DynamoDBUpdateItemRequest {
  const { input, condition } = ctx.args;
  checkId("id", input.id);
  return {
    operation: "UpdateItem",
    key: util.dynamodb.toMapValues({ id: input.id }),
    update: updateOf(changesOf(input), removesClient(input)),
    condition: allOf([{ id: { attributeExists: true } }, { owner: { eq: subOf(ctx) } }, condition]),
  };
}

function changesOf(input: Input): Record<string, string> {
  const { firstName, lastName, clientId } = input;
  return {
    updatedAt: util.time.nowISO8601(),
    ...(isGiven(firstName) ? storedName("firstName", firstName as string) : {}),
    ...(isGiven(lastName) ? storedName("lastName", lastName as string) : {}),
    ...(clientId ? { clientId: lowerId(clientId) } : {}),
  };
}

/** A null name leaves the name as it is: some libraries write null for fields that they do not change. */
const isGiven = (name: string | null | undefined): boolean => name !== null && name !== undefined;

export function response(ctx: Context) {
  refuseFailure(ctx);
  return ctx.result;
}
