/** What a resource gets to make its call. */
import type { Door, Shape } from "../../door.ts";
import type { Execution } from "../engine/execution.ts";

export interface IntegrationCall {
  readonly door: Door;
  readonly execution: Execution;
  readonly arguments: Shape;
}
