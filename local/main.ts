/**
 * `npm start`: synthesizes the stack if a source has changed, and runs that very template in this process. It loads the runtime
 * meanwhile.
 */
import { buildPages } from "./build-pages.ts";
import { boundCompileCache, useCompileCache } from "./compile-cache.ts";
import { mediaServer } from "./media-server.ts";
import { readOptions, USAGE } from "./start-options.ts";
import { synthesize } from "./synthesize.ts";

/** The most that IVS's published rates let the deployment make at once, so that it need not wait. The pool grows with use. */
const STAGES = "5";

async function main(): Promise<void> {
  useCompileCache();
  const options = readOptions(process.argv.slice(2));
  const media = options.context["media"] === "livekit" ? mediaServer() : undefined;
  const context = { ...(media?.context ?? { minStages: STAGES }), ...options.context };
  const [stack, { start }] = await Promise.all([synthesize({ context }), import("./start.ts"), buildPages()]);
  await start(options, stack, media);
  if (!stack.reused) boundCompileCache();
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exit(1);
});
