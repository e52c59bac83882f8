/** The tables of the model under the names that the functions' environment gives them. */
import { type TableName, tables, tableVariable } from "../../handlers/store/tables.ts";
import { functionEnvironment } from "../function-environment.ts";
import type { TableDefinition } from "./memory-dynamodb.ts";

const NAMES = Object.keys(tables) as TableName[]; // Object.keys forgets the key type

/** Nobody has a name in the model: the directory is asked and finds none. */
export const TABLES: Readonly<Record<string, TableDefinition>> = Object.fromEntries(
  NAMES.map((name) => [functionEnvironment[tableVariable(name)], tables[name]]),
);
