/** A world with lasting state, and its end: the next world starts with what is on the disk at that moment. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../packages/local-aws/src/store/sqlite-store.ts";
import type { Store } from "../../packages/local-aws/src/store/store.ts";
import { startWorld, type World } from "../world.ts";

export interface LastingWorld extends AsyncDisposable {
  /** The current world. */
  readonly world: World;
  /** Ends the world like `kill -9`: nothing is written any more. Then the next one starts, with this template if it is another. */
  restart(assembly?: string): Promise<World>;
}

export async function startLastingWorld(): Promise<LastingWorld> {
  const root = mkdtempSync(join(tmpdir(), "lasting-"));
  let runs = 0;
  let isOver = false;
  let store: Store = openSqliteStore(join(root, String(runs)));
  let world = await startWorld({ store, warmFunctions: false });

  function killed(): string {
    const [from, to] = [join(root, String(runs)), join(root, String((runs += 1)))];
    for (const part of ["", "-wal", "-shm"]) cpSync(from + part, to + part);
    return to;
  }

  return {
    get world() {
      return world;
    },
    async restart(assembly) {
      // Ends the turn of the event loop: these calls pass no port, where replies wait for the disk.
      await new Promise((turn) => setImmediate(turn));
      const path = killed();
      const nowMs = world.clock.now();
      if (!isOver) await world[Symbol.asyncDispose]();
      store.close();
      store = openSqliteStore(path);
      const changed = assembly === undefined ? {} : { assembly };
      isOver = true;
      world = await startWorld({ store, warmFunctions: false, after: { now: () => nowMs }, ...changed });
      isOver = false;
      return world;
    },
    async [Symbol.asyncDispose]() {
      if (!isOver) await world[Symbol.asyncDispose]();
      store.close();
      rmSync(root, { recursive: true });
    },
  };
}
