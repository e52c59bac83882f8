/** How an event is defined: its name, its version, the shape of its detail. */
import type * as z from "zod/mini";

/** The `source` of everything that Ringmaster puts on its bus. */
export const EVENT_SOURCE = "ringmaster";

export interface EventDefinition<Name extends string, Schema extends z.ZodMiniType> {
  readonly name: Name;
  /** Rises when a consumer has to change; carried in the detail as `v`. */
  readonly version: number;
  readonly schema: Schema;
}

export function defineEvent<Name extends string, Schema extends z.ZodMiniType>(
  name: Name,
  version: number,
  schema: Schema,
): EventDefinition<Name, Schema> {
  return { name, version, schema };
}

/** An event ready to be published. */
export interface Announcement {
  readonly name: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
