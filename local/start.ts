/** Starts the runtime of `npm start` on the synthesized stack, tells that it is ready, and then what happens in it. */
import { join, relative } from "node:path";
import type { FunctionName } from "../infra/function-sizes.ts";
import type { Made } from "./made/made.ts";
import { narrate } from "./narrate.ts";
import { createPages } from "./pages.ts";
import { createPeople, PEOPLE } from "./people.ts";
import { type Runtime, startRuntime } from "./runtime.ts";
import { listen } from "./servers.ts";
import type { StartOptions } from "./start-options.ts";
import { certificateIn } from "./tls-certificate.ts";
import { walkThrough } from "./walk-through.ts";

const CERTIFICATE = join(import.meta.dirname, "..", ".data", "tls");
/** In this order a call needs them. */
const FIRST: readonly FunctionName[] = [
  "rest-entrypoint",
  "drive-call",
  "send-push",
  "issue-token",
  "follow-call",
  "close-stage",
];

export async function start(options: StartOptions, stack: Made): Promise<void> {
  const runtime = await startRuntime({
    assembly: stack.directory,
    quotas: options.quotas,
    logs: options.logs,
    appEndpoint: `http://127.0.0.1:${options.port}`,
    lazyFunctions: true,
  });
  const [certificate] = await Promise.all([
    certificateIn(CERTIFICATE, runtime.door.clock.now()),
    createPeople(runtime),
  ]);
  const addresses = { app: "", aws: "", tls: "" };
  const servers = await listen(runtime, {
    ...options,
    tls: { port: options.tlsPort, certificate },
    pages: createPages(runtime, addresses),
  });
  addresses.app = `http://127.0.0.1:${servers.port}`;
  addresses.tls = `https://localhost:${servers.tlsPort}`;
  addresses.aws = `http://127.0.0.1:${servers.awsPort}`;
  print(welcome({ ...addresses, trust: certificate.path }, runtime.outputs, stack));
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
  await loadFunctions(runtime);
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** A function whose code does not load is told now, and not when the first call needs it. */
async function loadFunctions(runtime: Runtime): Promise<void> {
  const first = FIRST.map((name) => `ringmaster-${name}`);
  for await (const { message } of runtime.loadFunctions(first)) {
    process.stderr.write(
      `\n${message}\nWhat needs it fails until it is mended: stop, mend it, and start again.\n\n`,
    );
  }
}

function welcome(
  { app, tls, aws, trust }: Record<"app" | "tls" | "aws" | "trust", string>,
  outputs: Record<string, string>,
  { reused }: Made,
): string {
  const people = PEOPLE.map(({ username, password }) => `  ${username.padEnd(8)} ${password}`).join("\n");
  const { UserPoolClientId: userPoolClientId = "", CallWorkflowArn: callWorkflowArn = "" } = outputs;
  // From the start of the process: loading this program counts as well.
  const seconds = (performance.now() / 1000).toFixed(1);
  const how = reused
    ? "No source has changed: the stack of the last time is used again"
    : "The stack is synthesized anew from the sources";
  return `Ringmaster is ready after ${seconds} s. ${how}.

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
