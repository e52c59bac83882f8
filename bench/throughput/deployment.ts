/** How a stack is set for a run. */
import type { Scenario } from "./scenarios.ts";

/** The calls of a run of whole calls are one person's, who signs in once. */
export const settingsFor = ({ stages }: Scenario): Readonly<Record<string, string>> => ({
  ringAttemptsPerMinute: "1000",
  accessTokenMinutes: "60",
  ...(stages === "fresh" ? {} : { stagePoolTarget: String(Math.min(1_000, stages)) }),
});
