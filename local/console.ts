/** The console of this runtime: it reads its views through local AWS, and again when something has happened. */
import type { Changes } from "../tools/console/changes.ts";
import type { ConsoleServer } from "../tools/console/server.ts";
import { type RuntimeEvent, PERSON } from "../packages/local-aws/src/local-aws.ts";
import type { Runtime } from "../packages/local-aws/src/runtime.ts";
import type { Pages } from "../packages/local-aws/src/servers.ts";
import { inProcess } from "../packages/local-aws/src/wire/in-process.ts";

const API = "/console/api/";
/** Reads cost nothing here, and hide no message of a queue. */
const LETTERS_FOR_MS = 1_000;
const PEOPLE_FOR_MS = 1_000;

/** Events that change a view; the console's own calls of local AWS do not. */
const TELLING = new Set<RuntimeEvent["kind"]>([
  "request",
  "event",
  "execution-started",
  "state-entered",
  "execution-ended",
  "invocation",
  "push",
]);

/** The console writes to a queue when an operator says so, and never to read one. */
const changesQueue = (event: RuntimeEvent): boolean =>
  event.kind === "aws-call" &&
  event.service === "sqs" &&
  event.caller.kind === "person" &&
  /^(?:Send|Delete)Message$/.test(event.operation);

/** Answers the console's requests and leaves all others. It loads the SDK's clients at the first one. */
export function consolePages(runtime: Runtime, addresses: { readonly aws: string }): Pages {
  let opened: Promise<ConsoleServer> | undefined;
  return async (request) => {
    if (!request.path.startsWith(API)) return undefined;
    opened ??= openConsole(runtime, addresses);
    return (await opened)(request);
  };
}

export async function openConsole(
  { localAws, stackName }: Runtime,
  { aws: endpoint }: { readonly aws: string },
): Promise<ConsoleServer> {
  const [{ consoleServer }, { openReading }, { listening }] = await Promise.all([
    import("../tools/console/server.ts"),
    import("../tools/console/reading.ts"),
    import("../tools/console/changes.ts"),
  ]);
  const changes: Changes = listening(localAws.clock, (happened) =>
    localAws.observe((event) => {
      if (TELLING.has(event.kind) || changesQueue(event)) happened();
    }),
  );
  const settings = {
    region: localAws.region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: inProcess(localAws, PERSON),
  };
  const now = (): number => localAws.clock.now();
  const open = () =>
    openReading({ stackName, settings, now, lettersForMs: LETTERS_FOR_MS, peopleForMs: PEOPLE_FOR_MS });
  // What is written here is this machine's own.
  return consoleServer({ endpoint, canWrite: true, changes, openReading: open });
}
