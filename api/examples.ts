/** Requests and replies as they went over the wire, recorded by test/api/examples.test.ts. */
import recorded from "./examples.json" with { type: "json" };
import type { Action } from "./commands.ts";

export interface Example {
  /** The JSON body of the request; absent for a command that takes none. */
  readonly body?: unknown;
  readonly reply?: unknown;
}

export const exampleOf = (action: Action): Example =>
  (recorded as Readonly<Partial<Record<Action, Example>>>)[action] ?? {};
