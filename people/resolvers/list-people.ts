/** listPeople and listPersons: all people, or those that pass a filter, which applies after a page is read. */
import { type Context, type DynamoDBQueryRequest, type DynamoDBScanRequest, util } from "@aws-appsync/utils";
import { peopleByFirstName, peopleByLastName } from "../../handlers/store/tables.ts";
import { filterOf } from "../rules/condition.ts";
import { DIRECTORY, sureBeginning } from "../rules/names.ts";
import { connectionOf, pageOf } from "../rules/page.ts";

type NameFilter = { beginsWith?: string | null; eq?: string | null } | null;

type Args = {
  filter?: { firstName?: NameFilter; lastName?: NameFilter } | null;
  limit?: number | null;
  nextToken?: string | null;
};

export function request(ctx: Context<Args>): DynamoDBQueryRequest | DynamoDBScanRequest {
  const { filter } = ctx.args;
  const page = pageOf(ctx.args);
  if (!filter || Object.keys(filter).length === 0) return { operation: "Scan", ...page };
  const first = beginningOf(filter.firstName);
  const last = beginningOf(filter.lastName);
  if (first) return { ...byName(peopleByFirstName, first), ...page, filter: filterOf(filter) };
  if (last) return { ...byName(peopleByLastName, last), ...page, filter: filterOf(filter) };
  return { operation: "Scan", ...page, filter: filterOf(filter) };
}

const beginningOf = (name: NameFilter | undefined) => sureBeginning(name?.beginsWith ?? name?.eq ?? "");

/** All people that pass the filter are in this part of the index, so the table need not be scanned. */
function byName(index: typeof peopleByFirstName | typeof peopleByLastName, beginning: string) {
  return {
    operation: "Query" as const,
    index: index.name,
    query: {
      expression: "directory = :directory AND begins_with(#key, :beginning)",
      expressionNames: { "#key": index.sortKey },
      expressionValues: util.dynamodb.toMapValues({
        ":directory": DIRECTORY,
        ":beginning": beginning,
      }),
    },
  };
}

export function response(ctx: Context) {
  return connectionOf(ctx);
}
