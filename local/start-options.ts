/** The options of `npm start --`. */
import { parseArgs } from "node:util";

export const USAGE = `npm start -- [--port 4000] [--tls-port 4443] [--aws-port 4566] [--quotas on|off] [--data .data] [--fresh] [--logs] [--host NAME] [--origin URL] [-c ringSeconds=30]`;

export interface StartOptions {
  readonly port: number;
  readonly tlsPort: number;
  readonly awsPort: number;
  readonly quotas: boolean;
  readonly logs: boolean;
  /** Names by which requests reach this machine, besides its own. */
  readonly hosts: readonly string[];
  /** Origins whose pages may ask the AWS port, besides the pages here. */
  readonly origins: readonly string[];
  /** Directory that keeps the state. */
  readonly data: string;
  /** Begin anew: removes the state that is there. */
  readonly fresh: boolean;
  /** Settings of the stack, as `cdk -c name=value` takes them. */
  readonly context: Readonly<Record<string, string>>;
}

export function readOptions(args: string[]): StartOptions {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string", default: "4000" },
      "tls-port": { type: "string", default: "4443" },
      "aws-port": { type: "string", default: "4566" },
      quotas: { type: "string", default: "on" },
      logs: { type: "boolean", default: false },
      host: { type: "string", multiple: true, default: [] },
      origin: { type: "string", multiple: true, default: [] },
      data: { type: "string", default: ".data" },
      fresh: { type: "boolean", default: false },
      context: { type: "string", short: "c", multiple: true, default: [] },
    },
  });
  if (values.quotas !== "on" && values.quotas !== "off") throw new Error(`--quotas: expected on or off`);
  return {
    port: portOf("--port", values.port),
    tlsPort: portOf("--tls-port", values["tls-port"]),
    awsPort: portOf("--aws-port", values["aws-port"]),
    quotas: values.quotas === "on",
    logs: values.logs,
    hosts: values.host,
    origins: values.origin.map(originOf),
    data: values.data,
    fresh: values.fresh,
    context: Object.fromEntries(values.context.map(settingOf)),
  };
}

function originOf(text: string): string {
  if (URL.canParse(text)) return new URL(text).origin;
  throw new Error(`--origin: expected an address such as http://localhost:5173, got "${text}"`);
}

function settingOf(text: string): [string, string] {
  const [, name, value] = /^(\w+)=(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new Error(`-c: expected name=value, got "${text}"`);
  return [name, value];
}

function portOf(flag: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`${flag}: expected a port number, got "${text}"`);
}
