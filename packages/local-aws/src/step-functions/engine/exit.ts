/** How a state is left: its output, what it assigns, and where to. */
import type { Json } from "../../local-aws.ts";
import type { Assignments } from "../definition/definition.ts";
import { limitedJson } from "./payload-limit.ts";
import { evaluate, type Readable, type Visit } from "./visit.ts";

/** How a state is left. `next` is undefined at the end of the block. */
export interface Exit {
  readonly output: Json;
  readonly assigned: Readonly<Record<string, Json>>;
  readonly next?: string | undefined;
}

/** What decides the exit: the state's own fields, or those of a Choice rule or a catcher. */
export interface ExitFields {
  readonly Output?: Json;
  readonly Assign?: Assignments;
  readonly Next?: string | undefined;
}

/** Output and Assign are evaluated from the same values: those at the state's entry. */
export async function exitBy(
  visit: Visit,
  fields: ExitFields,
  defaultOutput: Json,
  place = "",
  readable: Readable = {},
): Promise<Exit> {
  const { Output, Assign = {}, Next } = fields;
  const output =
    Output === undefined ? defaultOutput : await evaluate(visit, `${place}Output`, Output, readable);
  const assigned = await evaluate(visit, `${place}Assign`, Assign, readable);
  limitedJson(assigned, visit.name);
  limitedJson(output, visit.name);
  return { output, assigned: assigned as Readonly<Record<string, Json>>, next: Next };
}
