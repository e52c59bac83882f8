/** searchPeople: by the beginning of a name, whatever its case and accents, from an index sorted by that name. */
import { type Context, type DynamoDBQueryRequest, util } from "@aws-appsync/utils";
import { peopleByFirstName, peopleByLastName } from "../../handlers/store/tables.ts";
import { DIRECTORY, nameKey } from "../rules/names.ts";
import { connectionOf, pageOf } from "../rules/page.ts";

type Args = {
  name: string;
  by?: "firstName" | "lastName" | null;
  limit?: number | null;
  nextToken?: string | null;
};

export function request(ctx: Context<Args>): DynamoDBQueryRequest {
  const { name, by } = ctx.args;
  const index = by === "lastName" ? peopleByLastName : peopleByFirstName;
  const beginning = nameKey(name.trim());
  const everybody = { expression: "directory = :directory" };
  const some = {
    expression: "directory = :directory AND begins_with(#key, :beginning)",
    expressionNames: { "#key": index.sortKey },
  };
  const values = beginning
    ? { ":directory": DIRECTORY, ":beginning": beginning }
    : { ":directory": DIRECTORY };
  return {
    operation: "Query",
    index: index.name,
    query: { ...(beginning ? some : everybody), expressionValues: util.dynamodb.toMapValues(values) },
    ...pageOf(ctx.args),
  };
}

export function response(ctx: Context) {
  return connectionOf(ctx);
}
