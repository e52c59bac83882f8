/**
 * `npm start`: synthesizes the stack, unless nothing has changed that it is made from, and runs that very template in this
 * process. The runtime is loaded while the stack is made.
 */
import { buildPages } from "./build-pages.ts";
import { boundCompileCache, useCompileCache } from "./compile-cache.ts";
import { readOptions, USAGE } from "./start-options.ts";
import { synthesize } from "./synthesize.ts";

/** As many as IVS's published rates let the deployment make at once: nothing waits for them. The pool grows as it is used. */
const STAGES = "5";

async function main(): Promise<void> {
  useCompileCache();
  const options = readOptions(process.argv.slice(2));
  const context = { minStages: STAGES, ...options.context };
  const [stack, { start }] = await Promise.all([synthesize({ context }), import("./start.ts"), buildPages()]);
  await start(options, stack);
  if (!stack.reused) boundCompileCache();
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exit(1);
});
