/** The settings of the stack in a run. */
import type { Scenario } from "./scenarios.ts";

/** Stages that the deployment makes beside the planted ones: as few as possible. */
export const DEPLOYED_STAGES = 1;

/** All whole calls of a run belong to one person, who signs in once. */
export const settingsFor = ({ stages }: Scenario): Readonly<Record<string, string>> => ({
  ringAttemptsPerMinute: "1000",
  accessTokenMinutes: "60",
  // A planted pool does not grow, and a fresh one has the default settings.
  ...(stages === "fresh" ? {} : { minStages: String(DEPLOYED_STAGES), maxStages: String(stages) }),
});
