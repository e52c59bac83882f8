/** Tables that cannot be deleted until an update has taken their protection away: dynalite does not know of it. */
import type { Shape } from "../local-aws.ts";
import { asItIs, type Store } from "../store/store.ts";
import { validationError } from "./engine.ts";

export interface DeletionProtection {
  /** Throws as AWS does if the table is protected. */
  refuseDeletion(table: string): void;
  /** Undefined leaves it as it is. */
  set(table: string, isProtected: unknown): void;
  /** The description of a table with what it lacks. */
  shown(description: Shape): Shape;
}

export function createDeletionProtection(store: Store): DeletionProtection {
  const tables = store.map("dynamodb.protected", asItIs<true>());
  return {
    refuseDeletion(table) {
      if (!tables.has(table)) return;
      throw validationError(
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
      );
    },
    set(table, isProtected) {
      if (isProtected === true) tables.set(table, true);
      if (isProtected === false) tables.delete(table);
    },
    shown: (description) => ({
      ...description,
      DeletionProtectionEnabled: tables.has(String(description["TableName"])),
    }),
  };
}
