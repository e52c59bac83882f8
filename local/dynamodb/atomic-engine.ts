/** dynalite plus what it lacks: transactions, and the item in the error of a failed condition. */
import { type Dynalite, type DynaliteOptions, openDynalite } from "./dynalite.ts";
import type { Engine } from "./engine.ts";
import { WRITES, wantsItemOnFailure, writeReturningItem } from "./condition-failure.ts";
import { createLock } from "./lock.ts";
import { transactGetItems } from "./transact-get-items.ts";
import { createTransactWriteItems } from "./transact-write-items.ts";

export function openAtomicEngine(options: DynaliteOptions & { readonly now: () => number }): Engine {
  const dynalite: Dynalite = openDynalite(options);
  const lock = createLock();
  const transactWriteItems = createTransactWriteItems(dynalite, options.now);
  return {
    call(operation, input) {
      if (operation === "TransactWriteItems") return lock.alone(() => transactWriteItems(input));
      if (operation === "TransactGetItems") return lock.alone(() => transactGetItems(dynalite, input));
      if (WRITES.includes(operation) && wantsItemOnFailure(input)) {
        return lock.alone(() => writeReturningItem(dynalite, operation, input));
      }
      return lock.shared(() => dynalite.call(operation, input));
    },
  };
}
