/** What every capability of the stack stands on. */
import type { EventBus } from "aws-cdk-lib/aws-events";
import type { Settings } from "./settings.ts";
import type { Tables } from "./tables.ts";

export interface Foundation {
  /** Holds `<function name>/index.mjs`. */
  readonly bundles: string;
  readonly settings: Settings;
  readonly tables: Tables;
  readonly bus: EventBus;
}
