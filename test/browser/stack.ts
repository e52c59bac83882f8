/** A whole stack with its pages on free ports, in real time, for tests in a browser. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPages } from "../../local/pages.ts";
import { createPeople } from "../../local/people.ts";
import { type Runtime, startRuntime } from "../../local/runtime.ts";
import { listen } from "../../local/servers.ts";
import { buildSite } from "../../local/site.ts";
import { synthesize } from "../../local/synthesize.ts";

export interface Stack extends AsyncDisposable {
  readonly runtime: Runtime;
  /** Where the app is served. */
  readonly url: string;
}

/** `context` is what `cdk -c name=value` takes. */
export async function startStack(context: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const out = mkdtempSync(join(tmpdir(), "ringmaster-browser-"));
  const [assembly] = await Promise.all([
    synthesize({ out, context: { stagePoolTarget: "4", ...context } }),
    buildSite(),
  ]);
  const runtime = await startRuntime({ assembly });
  await createPeople(runtime);
  const addresses = { app: "", tls: "", aws: "" };
  const servers = await listen(runtime, { port: 0, awsPort: 0, pages: createPages(runtime, addresses) });
  addresses.app = `http://127.0.0.1:${servers.port}`;
  addresses.aws = `http://127.0.0.1:${servers.awsPort}`;
  return {
    runtime,
    url: addresses.app,
    async [Symbol.asyncDispose]() {
      await servers.close();
      runtime.stop();
      rmSync(out, { recursive: true });
    },
  };
}
