/** updatePerson, after its client was checked: the owner changes what is named and leaves the rest. */
import { type Context, type DynamoDBUpdateItemRequest, util } from "@aws-appsync/utils";
import { subOf } from "../rules/caller.ts";
import { allOf, refuseFailure } from "../rules/condition.ts";
import { checkedName, checkId, nameKey } from "../rules/names.ts";

type Input = { id: string; firstName?: string | null; lastName?: string | null; clientId?: string | null };
type Args = { input: Input; condition?: unknown };

export function request(ctx: Context<Args>): DynamoDBUpdateItemRequest {
  const { input, condition } = ctx.args;
  checkId("id", input.id);
  const removesClient = Object.hasOwn(input, "clientId") && !input.clientId;
  const changes = changesOf(input);
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
    operation: "UpdateItem",
    key: util.dynamodb.toMapValues({ id: input.id }),
    update: {
      expression: removesClient ? `${set} REMOVE clientId` : set,
      expressionNames: names,
      expressionValues: util.dynamodb.toMapValues(values),
    },
    condition: allOf([{ id: { attributeExists: true } }, { owner: { eq: subOf(ctx) } }, condition]),
  };
}

function changesOf(input: Input): Record<string, string> {
  const changes: Record<string, string> = { updatedAt: util.time.nowISO8601() };
  if (Object.hasOwn(input, "firstName")) {
    const firstName = checkedName("firstName", input.firstName ?? "");
    changes.firstName = firstName;
    changes.firstNameKey = nameKey(firstName);
  }
  if (Object.hasOwn(input, "lastName")) {
    const lastName = checkedName("lastName", input.lastName ?? "");
    changes.lastName = lastName;
    changes.lastNameKey = nameKey(lastName);
  }
  if (input.clientId) changes.clientId = input.clientId;
  return changes;
}

export function response(ctx: Context) {
  refuseFailure(ctx);
  return ctx.result;
}
