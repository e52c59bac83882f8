/** Names of state machines and executions, and of the role that they run with. */
import { AwsError } from "../../local-aws.ts";
import { textOf } from "../wire-text.ts";

// eslint-disable-next-line no-control-regex
const FORBIDDEN = /[\s?*<>{}[\]"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/;

const ROLE = /^arn:aws[\w-]*:iam::\d{12}:role\/.+$/;

export function checkRole(arn: unknown): string {
  const text = textOf(arn);
  if (ROLE.test(text)) return text;
  throw new AwsError("InvalidArn", `Invalid Role Arn: '${text}'`);
}

export function checkName(name: unknown): string {
  if (typeof name === "string" && name.length >= 1 && name.length <= 80 && !FORBIDDEN.test(name)) return name;
  throw new AwsError("InvalidName", `Invalid Name: '${String(name)}'`);
}
