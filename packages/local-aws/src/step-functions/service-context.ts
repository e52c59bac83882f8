/** What every operation of the service works with. */
import type { Engine } from "./engine/visit.ts";

export type ServiceContext = Engine;
