/** The options of `npm run doctor --`. */
import { parseArgs } from "node:util";
import { type ConnectionOptions, requireEndpoint } from "../connection.ts";
import { settingOf } from "../settings.ts";

export const USAGE =
  "npm run doctor -- [--profile NAME] [--region NAME] [--stack Ringmaster] [-c key=value …] [--json] [--endpoint-url URL]";

export interface DoctorOptions extends ConnectionOptions {
  /** Settings of the stack, as `cdk -c name=value` takes them. */
  readonly context: Readonly<Record<string, string>>;
  readonly json: boolean;
}

export function readOptions(args: string[]): DoctorOptions {
  const { values } = parseArgs({
    args,
    options: {
      profile: { type: "string" },
      region: { type: "string" },
      stack: { type: "string" },
      context: { type: "string", short: "c", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      "endpoint-url": { type: "string" },
    },
  });
  const { profile, region, stack, json, "endpoint-url": endpoint } = values;
  requireEndpoint("--endpoint-url", endpoint);
  const settings = Object.fromEntries(values.context.map(settingOf));
  const { stackName = stack } = settings;
  if (stack !== undefined && stackName !== stack)
    throw new Error(`--stack ${stack} and -c stackName=${stackName}: expected one name`);
  const context = stack === undefined ? settings : { stackName: stack, ...settings };
  return { profile, region, endpoint, json, context };
}
