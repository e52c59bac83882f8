/** The stack and the pages that all tests of a run share: made from the sources of now, or used again if these are the same. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildPages } from "../local/build-pages.ts";
import { synthesize } from "../local/synthesize.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Directory of the cloud assembly. */
    assembly: string;
    /** A directory that goes when the run is over. */
    scratch: string;
    /** Whether these tests depend on being served in time. */
    pace: "virtual" | "real";
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const [stack] = await Promise.all([synthesize({ context: { minStages: "12" } }), buildPages()]);
  project.provide("assembly", stack.directory);
  const scratch = mkdtempSync(join(tmpdir(), "ringmaster-tests-"));
  project.provide("scratch", scratch);
  return () => rmSync(scratch, { recursive: true });
}
