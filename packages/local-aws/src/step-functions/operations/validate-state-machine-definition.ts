/** ValidateStateMachineDefinition. */
import type { Operation } from "../../local-aws.ts";
import { diagnose } from "../definition/diagnose.ts";
import type { Engine } from "../engine/visit.ts";
import { textOf } from "../wire-text.ts";
import { checkEnum, checkMost } from "./constraints.ts";

const MAX_DIAGNOSTICS = 100;

export const validateStateMachineDefinition = (_context: Engine): Operation => ({
  permissions: () => [{ action: "states:ValidateStateMachineDefinition", resource: "*" }],
  quota: { perSecond: 1, burst: 100 },
  run({ definition, type, severity, maxResults }) {
    const machineType = checkEnum("type", type, ["STANDARD", "EXPRESS"]) ?? "STANDARD";
    checkEnum("severity", severity, ["ERROR", "WARNING"]);
    const most = Number(maxResults ?? 0) || MAX_DIAGNOSTICS;
    checkMost("maxResults", most, MAX_DIAGNOSTICS);
    const found = diagnose(textOf(definition ?? ""), machineType);
    return {
      result: found.length > 0 ? "FAIL" : "OK",
      diagnostics: found.slice(0, most),
      truncated: found.length > most,
    };
  },
});
