/** How a stack is set for a run. */
import type { Scenario } from "./scenarios.ts";

/** Made by the deployment, beside those that are planted: the least there can be. */
export const DEPLOYED_STAGES = 1;

/** The calls of a run of whole calls are one person's, who signs in once. */
export const settingsFor = ({ stages }: Scenario): Readonly<Record<string, string>> => ({
  ringAttemptsPerMinute: "1000",
  accessTokenMinutes: "60",
  // A planted pool does not grow; a fresh one is as it is without settings.
  ...(stages === "fresh" ? {} : { minStages: String(DEPLOYED_STAGES), maxStages: String(stages) }),
});
