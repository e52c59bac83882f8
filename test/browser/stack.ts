/** A whole stack with its pages on free ports, in real time, for tests in a browser. */
import { buildPages } from "../../local/build-pages.ts";
import { LOOPBACK, openListener } from "../../packages/local-aws/src/listener.ts";
import type { MediaServer } from "../../local/media-server.ts";
import { createPages } from "../../local/pages.ts";
import { createPeople } from "../../local/people.ts";
import { type Runtime, startRuntime } from "../../packages/local-aws/src/runtime.ts";
import { listen } from "../../packages/local-aws/src/servers.ts";
import { synthesize } from "../../local/synthesize.ts";

export interface Stack extends AsyncDisposable {
  readonly runtime: Runtime;
  /** The address of the app. */
  readonly url: string;
}

/** `assembly`: the directory of a synthesized stack. Otherwise the context, as in `cdk -c name=value`. */
export async function startStack(
  from:
    | { readonly assembly: string }
    | { readonly context: Readonly<Record<string, string>>; readonly media?: MediaServer },
): Promise<Stack> {
  const [assembly, port] = await Promise.all([
    "assembly" in from ? from.assembly : synthesize(from).then(({ directory }) => directory),
    freePort(),
    buildPages(),
  ]);
  const addresses = { app: `http://${LOOPBACK}:${port}`, tls: "", aws: "" };
  const media = "media" in from ? from.media : undefined;
  const runtime = await startRuntime({
    assembly,
    appEndpoint: addresses.app,
    lazyFunctions: true,
    ...(media && { functionEnvironment: media.functionEnvironment }),
  });
  await createPeople(runtime);
  const servers = await listen(runtime, { port, awsPort: 0, pages: createPages(runtime, addresses) });
  const serving = await media?.serve(addresses.app);
  addresses.aws = `http://${LOOPBACK}:${servers.awsPort}`;
  return {
    runtime,
    url: addresses.app,
    async [Symbol.asyncDispose]() {
      await servers.close();
      await serving?.stop();
      runtime.stop();
    },
  };
}

/** Chosen before the stack exists, because its outputs contain the address. */
async function freePort(): Promise<number> {
  const listener = await openListener({ port: 0, flag: "", serve: (_request, reply) => void reply.end() });
  await listener.close();
  return listener.port;
}
