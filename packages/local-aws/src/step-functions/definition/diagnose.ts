/** What AWS refuses in the text of a definition, and what the local engine cannot run, as diagnostics. */
import type { MachineType } from "./definition.ts";
import { jsonProblem } from "./json-problem.ts";
import { unsupportedParts } from "./unsupported-parts.ts";
import { refusedParts } from "./validate-definition.ts";

export interface Diagnostic {
  readonly severity: "ERROR" | "WARNING";
  readonly code: string;
  readonly message: string;
  readonly location?: string;
}

export function diagnose(text: string, type: MachineType): Diagnostic[] {
  if (text === "") return [diagnosticOf("Definition must be a valid JSON object")];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const { message, location } = jsonProblem(text);
    const code = "INVALID_JSON_DESCRIPTION";
    return [{ severity: "ERROR", code, message: `${message}\n at ${location}`, location }];
  }
  const unsupported = unsupportedParts(parsed, type);
  return (unsupported.length > 0 ? unsupported : refusedParts(parsed)).map(diagnosticOf);
}

/** A finding is `CODE: message at /place`; code and place may be missing. */
function diagnosticOf(finding: string): Diagnostic {
  const [, code = "SCHEMA_VALIDATION_FAILED", rest = ""] = /^(?:([A-Z_]+): )?(.*)$/s.exec(finding) ?? [];
  const [, message = rest, location] = /^(.*) at (\/.*)$/s.exec(rest) ?? [];
  return { severity: "ERROR", code, message, ...(location === undefined ? {} : { location }) };
}
