/** dynalite plus what it lacks: transactions, and the item in the error of a failed condition. */
import type { Store } from "../store/store.ts";
import { type Dynalite, type DynaliteOptions, openDynalite } from "./dynalite.ts";
import type { Engine } from "./engine.ts";
import { keptTables, keptTogether } from "./kept-tables.ts";
import { WRITES, wantsItemOnFailure, writeReturningItem } from "./condition-failure.ts";
import { createLock } from "./lock.ts";
import { transactGetItems } from "./transact-get-items.ts";
import { createTransactWriteItems } from "./transact-write-items.ts";

export interface AtomicOptions extends Omit<DynaliteOptions, "kept"> {
  readonly now: () => number;
  readonly store: Store;
}

export type AtomicEngine = Engine & Pick<Dynalite, "restore" | "redefine">;

export function openAtomicEngine({ store, ...options }: AtomicOptions): AtomicEngine {
  const dynalite: Dynalite = openDynalite({ ...options, kept: keptTables(store) });
  const lock = createLock();
  const transactWriteItems = createTransactWriteItems(dynalite, options.now);
  return {
    restore: () => dynalite.restore(),
    redefine: (input) => lock.alone(() => dynalite.redefine(input)),
    call(operation, input) {
      if (operation === "TransactWriteItems") {
        return lock.alone(() => keptTogether(store, () => transactWriteItems(input)));
      }
      if (operation === "TransactGetItems") return lock.alone(() => transactGetItems(dynalite, input));
      if (WRITES.includes(operation) && wantsItemOnFailure(input)) {
        return lock.alone(() => writeReturningItem(dynalite, operation, input));
      }
      return lock.shared(() => dynalite.call(operation, input));
    },
  };
}
