/** Starts the runtime of `npm start` on the synthesized stack, prints that it is ready, then narrates each call. */
import { writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type FunctionName, functionNameOf } from "../infra/function-sizes.ts";
import { nameIn } from "../infra/names.ts";
import type { Made } from "./made/made.ts";
import { directPushEnvironment } from "./direct-push.ts";
import type { MediaServer } from "./media-server.ts";
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

/** In the order in which a call needs them. */
const FIRST: readonly FunctionName[] = [
  "rest-entrypoint",
  "drive-call",
  "send-push",
  "issue-token",
  "follow-call",
  "close-stage",
];

export async function start(options: StartOptions, stack: Made, media?: MediaServer): Promise<void> {
  const directory = resolve(options.data);
  const data = openDataDirectory({ directory, fresh: options.fresh, nowMs: Date.now() });
  // The stack's resources contain these addresses, so the ports are chosen before the deployment.
  const port = await freePort(options.port);
  const awsPort = await freePort(options.awsPort);
  const tlsPort = await freePort(options.tlsPort);
  const addresses = {
    app: `http://127.0.0.1:${port}`,
    aws: `http://127.0.0.1:${awsPort}`,
    tls: `https://localhost:${tlsPort}`,
  };
  // Another thread makes its key while this one deploys.
  const certified = certificateIn(join(directory, "tls"), Date.now(), "Ringmaster on this machine");
  const runtime = await startRuntime({
    assembly: stack.directory,
    quotas: options.quotas,
    logs: options.logs,
    appEndpoint: addresses.app,
    awsEndpoint: addresses.aws,
    store: data.store,
    functionEnvironment: async (...asked) => ({
      ...(await directPushEnvironment(...asked)),
      ...(await media?.functionEnvironment(...asked)),
    }),
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
    pages: createPages(runtime, addresses, options.origins),
    hosts: options.hosts,
    origins: options.origins,
  });
  const serving = await media?.serve(addresses.app);
  print(`${welcome({ ...addresses, trust: certificate.path }, runtime.outputs, stack)}
${serving ? `${serving.words}\n` : ""}${aboutState(directory, data)}
Each step of a call is printed below. Ctrl-C stops.`);
  narrate(runtime.localAws, print);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void Promise.all([servers.close(), serving?.stop()]).then(() => {
        runtime.stop();
        data.close();
        print("stopped");
        process.exit(0);
      });
    });
  }
  await loadFunctions(runtime);
}

/** A person who was deleted does not come back with the next start. */
async function createPeopleOnce(runtime: Runtime): Promise<void> {
  const made = runtime.localAws.store.map("people.made", asItIs<true>());
  if (made.has("all")) return;
  await createPeople(runtime);
  made.set("all", true);
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Reports a function whose code does not load now, and not when the first call needs it. */
async function loadFunctions(runtime: Runtime): Promise<void> {
  const first = FIRST.map((name) => nameIn(runtime.stackName, functionNameOf(name)));
  for await (const { message } of runtime.loadFunctions(first)) {
    process.stderr.write(
      `\n${message}\nEvery request that needs this function fails. Stop, fix it, and start again.\n\n`,
    );
  }
}

function aboutState(directory: string, { isKept, damage }: DataDirectory): string {
  const place = relative("", directory) || ".";
  const what = isKept ? `State goes on from the last start, in ${place}` : `State is new, in ${place}`;
  const broken = damage
    ? `THE KEPT STATE IS DAMAGED; none of it was read (${damage.reason}).\nIt was moved to ${damage.movedTo}.\n`
    : "";
  return `${broken}${what} (--fresh starts over, --data chooses another directory).
Signed GraphQL requests need the credentials in ${join(place, "credentials")}; the AWS APIs take any.
`;
}

function welcome(
  { app, tls, aws, trust }: Record<"app" | "tls" | "aws" | "trust", string>,
  outputs: Record<string, string>,
  { reused }: Made,
): string {
  const people = PEOPLE.map(({ username, password }) => `  ${username.padEnd(8)} ${password}`).join("\n");
  const { UserPoolClientId: userPoolClientId = "", CallWorkflowArn: callWorkflowArn = "" } = outputs;
  // Since the start of the process: loading this program counts too.
  const seconds = (performance.now() / 1000).toFixed(1);
  const how = reused
    ? "No source has changed: the last stack is used again"
    : "The stack was synthesized from the sources";
  return `Ringmaster is ready after ${seconds} s. ${how}.

  Phones     ${app}/phone?as=alice and, in another tab, ${app}/phone?as=bob
  Console    ${app}/console
  REST API   ${app}     (in a browser: links to everything)
  over TLS   ${tls}     (the same, and wss://; trust ${relative("", trust)})
  GraphQL    ${app}/graphql
  AWS APIs   ${aws}     (aws … --endpoint-url ${aws})

People and passwords:
${people}

One call, step by step, to paste into another terminal:
---8<---
${walkThrough({ app, aws, userPoolClientId, callWorkflowArn })}--->8---
`;
}
