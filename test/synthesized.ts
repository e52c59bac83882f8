/** Synthesizes the stack and builds the pages, once for all tests of a run. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildSite } from "../local/site.ts";
import { synthesize } from "../local/synthesize.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Directory of the cloud assembly. */
    assembly: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const out = mkdtempSync(join(tmpdir(), "ringmaster-assembly-"));
  const [assembly] = await Promise.all([synthesize({ out, context: { stagePoolTarget: "2" } }), buildSite()]);
  project.provide("assembly", assembly);
}
