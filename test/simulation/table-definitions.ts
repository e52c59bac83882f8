/** The tables of the model under the names that the functions' environment gives them. */
import { DEFINITIONS } from "../adapters/table-definitions.ts";
import { peopleByOwner } from "../../handlers/store/tables.ts";
import { functionEnvironment } from "../function-environment.ts";
import type { TableDefinition } from "./memory-dynamodb.ts";

/** Nobody has a name in the model: the directory is asked and finds none. */
const PEOPLE: TableDefinition = {
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  GlobalSecondaryIndexes: [
    {
      IndexName: peopleByOwner,
      KeySchema: [{ AttributeName: "owner", KeyType: "HASH" }],
      Projection: { ProjectionType: "ALL" },
    },
  ],
};

export const TABLES: Readonly<Record<string, TableDefinition>> = {
  ...Object.fromEntries(
    Object.entries(DEFINITIONS).map(([variable, definition]) => [
      functionEnvironment[variable as keyof typeof DEFINITIONS],
      definition,
    ]),
  ),
  [functionEnvironment.PEOPLE_TABLE]: PEOPLE,
};
