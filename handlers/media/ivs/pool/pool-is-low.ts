/** The event that wakes the keeper of the stage pool. */
import type { Announcement } from "../../../../events/event.ts";
import { StagePoolLow } from "../../../../events/stage-pool-low.ts";
import { caused } from "../../../edge/cause.ts";

export const poolIsLow = (atMs: number): Announcement => ({
  name: StagePoolLow.name,
  detail: { v: StagePoolLow.version, atMs, ...caused() },
});
