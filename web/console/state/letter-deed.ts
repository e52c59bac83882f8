/** Sending a dead letter again, or deleting it: asked once, then done, and what became of it is said. */
import type { Problem } from "./live.ts";

export type Deed = "replay" | "delete";

export type LetterDeed =
  | { readonly step: "idle" }
  | { readonly step: "asking"; readonly deed: Deed }
  | { readonly step: "doing"; readonly deed: Deed }
  | { readonly step: "done"; readonly deed: Deed }
  | { readonly step: "refused"; readonly deed: Deed; readonly problem: Problem };

export interface DeedWorld {
  /** Undefined: it is done. */
  send(deed: Deed): Promise<Problem | undefined>;
}

export interface LetterDeeds {
  readonly subscribe: (changed: () => void) => () => void;
  readonly snapshot: () => LetterDeed;
  readonly ask: (deed: Deed) => void;
  readonly leave: () => void;
  readonly confirm: () => Promise<void>;
}

export function openDeeds(world: DeedWorld): LetterDeeds {
  const watchers = new Set<() => void>();
  let now: LetterDeed = { step: "idle" };
  const go = (next: LetterDeed): void => {
    now = next;
    for (const watcher of watchers) watcher();
  };
  return {
    subscribe(changed) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    snapshot: () => now,
    ask: (deed) => go({ step: "asking", deed }),
    leave: () => go({ step: "idle" }),
    async confirm() {
      // Asked twice, it is done once.
      if (now.step !== "asking") return;
      const { deed } = now;
      go({ step: "doing", deed });
      const problem = await world.send(deed);
      go(problem ? { step: "refused", deed, problem } : { step: "done", deed });
    },
  };
}
