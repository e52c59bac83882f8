/** Names of state machines and executions. */
import { AwsError } from "../../door.ts";

// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\s?*<>{}[\]"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

export function checkName(name: unknown): string {
  if (typeof name === "string" && name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name)) return name;
  throw new AwsError("InvalidName", `Invalid Name: '${String(name)}'`);
}
