/** What every operation of the service works with. */
import type { Door } from "../door.ts";
import type { Machines } from "./machines.ts";
import type { TaskTokens } from "./task-tokens.ts";

export interface ServiceContext {
  readonly door: Door;
  readonly machines: Machines;
  readonly tokens: TaskTokens;
}
