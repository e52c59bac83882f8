/** `npm start`: synthesizes the stack and runs that very template in this process. */
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { narrate } from "./narrate.ts";
import { createPages } from "./pages.ts";
import { createPeople, PEOPLE } from "./people.ts";
import { startRuntime } from "./runtime.ts";
import { listen } from "./servers.ts";
import { buildSite } from "./site.ts";
import { synthesize } from "./synthesize.ts";
import { localCredentials } from "./push-networks/credentials.ts";
import { certificateIn } from "./tls-certificate.ts";
import { walkThrough } from "./walk-through.ts";

const USAGE = `npm start -- [--port 4000] [--tls-port 4443] [--aws-port 4566] [--quotas on|off] [--logs] [-c ringSeconds=30]`;
const CERTIFICATE = join(import.meta.dirname, "..", ".data", "tls");
/** Enough stages for a laptop; IVS's published rates let the pool grow by 4 a second. */
const STAGES = "4";

interface Options {
  readonly port: number;
  readonly tlsPort: number;
  readonly awsPort: number;
  readonly quotas: boolean;
  readonly logs: boolean;
  /** Settings of the stack, as `cdk -c name=value` takes them. */
  readonly context: Readonly<Record<string, string>>;
}

function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string", default: "4000" },
      "tls-port": { type: "string", default: "4443" },
      "aws-port": { type: "string", default: "4566" },
      quotas: { type: "string", default: "on" },
      logs: { type: "boolean", default: false },
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
    context: Object.fromEntries(values.context.map(settingOf)),
  };
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

async function main(): Promise<void> {
  const startedAt = performance.now();
  const options = readOptions(process.argv.slice(2));
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const [assembly] = await Promise.all([
    synthesize({
      context: { stagePoolTarget: STAGES, ...localCredentials(options.context), ...options.context },
    }),
    buildSite(),
  ]);
  const runtime = await startRuntime({
    assembly,
    quotas: options.quotas,
    logs: options.logs,
    appEndpoint: `http://127.0.0.1:${options.port}`,
  });
  await createPeople(runtime);
  const addresses = { app: "", aws: "", tls: "" };
  const certificate = await certificateIn(CERTIFICATE, runtime.door.clock.now());
  const servers = await listen(runtime, {
    ...options,
    tls: { port: options.tlsPort, certificate },
    pages: createPages(runtime, addresses),
  });
  addresses.app = `http://127.0.0.1:${servers.port}`;
  addresses.tls = `https://localhost:${servers.tlsPort}`;
  addresses.aws = `http://127.0.0.1:${servers.awsPort}`;
  print(
    welcome(
      { ...addresses, trust: certificate.path },
      runtime.outputs,
      (performance.now() - startedAt) / 1000,
    ),
  );
  narrate(runtime.door, print);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void servers.close().then(() => {
        runtime.stop();
        print("stopped");
        process.exit(0);
      });
    });
  }
}

function welcome(
  { app, tls, aws, trust }: Record<"app" | "tls" | "aws" | "trust", string>,
  outputs: Record<string, string>,
  seconds: number,
): string {
  const people = PEOPLE.map(({ username, password }) => `  ${username.padEnd(8)} ${password}`).join("\n");
  const { UserPoolClientId: userPoolClientId = "", CallWorkflowArn: callWorkflowArn = "" } = outputs;
  return `Ringmaster is ready after ${seconds.toFixed(1)} s.

  Phones     ${app}/phone?as=alice and, in another tab, ${app}/phone?as=bob
  Console    ${app}/console
  REST API   ${app}     (in a browser: where everything is)
  over TLS   ${tls}     (the same, and wss://; trust ${relative("", trust)})
  GraphQL    ${app}/graphql
  AWS APIs   ${aws}     (aws … --endpoint-url ${aws})

People and passwords:
${people}

One call, step by step. Paste it into another terminal:
---8<---
${walkThrough({ app, aws, userPoolClientId, callWorkflowArn })}--->8---

What happens is told below. Ctrl-C stops.`;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exit(1);
});
