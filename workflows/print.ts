/** `npm run workflows:print`: writes each workflow as the JSON that the AWS designer opens. */
import { writeFileSync } from "node:fs";
import { callWorkflow } from "./call.ts";
import { cleanUpWorkflow } from "./clean-up.ts";

export const printed = {
  "call.asl.json": callWorkflow,
  "clean-up.asl.json": () => cleanUpWorkflow(),
} as const;
export const print = (workflow: () => unknown): string => `${JSON.stringify(workflow(), undefined, 2)}\n`;

if (import.meta.main) {
  for (const [file, workflow] of Object.entries(printed)) {
    writeFileSync(new URL(file, import.meta.url), print(workflow));
  }
}
