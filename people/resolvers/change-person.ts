/** updatePerson, after its client was checked: the owner changes what is named and leaves the rest. */
import { type Context, type DynamoDBUpdateItemRequest, util } from "@aws-appsync/utils";
import { subOf } from "../rules/caller.ts";
import { allOf, refuseFailure } from "../rules/condition.ts";
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
  const { clientId } = input;
  return {
    updatedAt: util.time.nowISO8601(),
    ...(Object.hasOwn(input, "firstName") ? storedName("firstName", input.firstName ?? "") : {}),
    ...(Object.hasOwn(input, "lastName") ? storedName("lastName", input.lastName ?? "") : {}),
    ...(clientId ? { clientId } : {}),
  };
}

export function response(ctx: Context) {
  refuseFailure(ctx);
  return ctx.result;
}
