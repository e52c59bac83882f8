/** Starts the runtime of `npm start` on the synthesized stack, tells that it is ready, and then what happens in it. */
import { writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type FunctionName, functionNameOf } from "../infra/function-sizes.ts";
import { nameIn } from "../infra/names.ts";
import type { Made } from "./made/made.ts";
import { directPushEnvironment } from "./direct-push.ts";
import { narrate } from "./narrate.ts";
import { createPages } from "./pages.ts";
import { createPeople, PEOPLE } from "./people.ts";
import { credentialsFile } from "../packages/local-aws/src/local-credentials.ts";
import { asItIs } from "../packages/local-aws/src/store/store.ts";
import { type Runtime, startRuntime } from "../packages/local-aws/src/runtime.ts";
import { freePort } from "../packages/local-aws/src/listener.ts";
import { listen } from "../packages/local-aws/src/servers.ts";
import type { StartOptions } from "./start-options.ts";
import { type DataDirectory, openDataDirectory } from "../packages/local-aws/src/store/data-directory.ts";
import { certificateIn } from "../packages/local-aws/src/tls-certificate.ts";
import { walkThrough } from "./walk-through.ts";

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
  const directory = resolve(options.data);
  const data = openDataDirectory({ directory, fresh: options.fresh, nowMs: Date.now() });
  // What the stack makes names its addresses, so they are settled before it is made.
  const port = await freePort(options.port);
  const awsPort = await freePort(options.awsPort);
  const tlsPort = await freePort(options.tlsPort);
  const addresses = {
    app: `http://127.0.0.1:${port}`,
    aws: `http://127.0.0.1:${awsPort}`,
    tls: `https://localhost:${tlsPort}`,
  };
  // Its key is made by another thread, while this one deploys.
  const certified = certificateIn(join(directory, "tls"), Date.now(), "Ringmaster on this machine");
  const runtime = await startRuntime({
    assembly: stack.directory,
    quotas: options.quotas,
    logs: options.logs,
    appEndpoint: addresses.app,
    awsEndpoint: addresses.aws,
    store: data.store,
    functionEnvironment: directPushEnvironment,
    lazyFunctions: true,
    admission: true,
  });
  const [certificate] = await Promise.all([certified, createPeopleOnce(runtime)]);
  const credentials = join(directory, "credentials");
  writeFileSync(credentials, credentialsFile(runtime.localAws.credentials), { mode: 0o600 });
  const servers = await listen(runtime, {
    port,
    awsPort,
    tls: { port: tlsPort, certificate },
    pages: createPages(runtime, addresses),
    hosts: options.hosts,
    origins: options.origins,
  });
  print(`${welcome({ ...addresses, trust: certificate.path }, runtime.outputs, stack)}
${aboutState(directory, data)}
What happens is told below. Ctrl-C stops.`);
  narrate(runtime.localAws, print);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void servers.close().then(() => {
        runtime.stop();
        data.close();
        print("stopped");
        process.exit(0);
      });
    });
  }
  await loadFunctions(runtime);
}

/** One whom somebody has deleted does not come back. */
async function createPeopleOnce(runtime: Runtime): Promise<void> {
  const made = runtime.localAws.store.map("people.made", asItIs<true>());
  if (made.has("all")) return;
  await createPeople(runtime);
  made.set("all", true);
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** A function whose code does not load is told now, and not when the first call needs it. */
async function loadFunctions(runtime: Runtime): Promise<void> {
  const first = FIRST.map((name) => nameIn(runtime.stackName, functionNameOf(name)));
  for await (const { message } of runtime.loadFunctions(first)) {
    process.stderr.write(
      `\n${message}\nWhat needs it fails until it is mended: stop, mend it, and start again.\n\n`,
    );
  }
}

function aboutState(directory: string, { isKept, damage }: DataDirectory): string {
  const place = relative("", directory) || ".";
  const what = isKept
    ? `State of the last time goes on, from ${place}`
    : `State is new, and lasts in ${place}`;
  const broken = damage
    ? `WHAT WAS KEPT IS DAMAGED, and none of it was read (${damage.reason}).\nIt is now ${damage.movedTo}.\n`
    : "";
  return `${broken}${what} (--fresh begins anew, --data chooses another directory).
Requests to GraphQL that are signed take the credentials in ${join(place, "credentials")}; the AWS APIs take any.
`;
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
`;
}
