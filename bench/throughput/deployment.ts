/** How a stack is set for a run. */
import type { Scenario } from "./scenarios.ts";

/** The calls of a run of whole calls are one person's, who signs in once. */
export const settingsFor = ({ stages }: Scenario): Readonly<Record<string, string>> => ({
  ringAttemptsPerMinute: "1000",
  accessTokenMinutes: "60",
  // A planted pool neither grows nor is filled; a fresh one is as it is without settings.
  ...(stages === "fresh" ? {} : { minStages: "1", maxStages: String(stages) }),
});
