/** The stack and the pages that all tests of a run share: made from the sources of now, or used again if these are the same. */
import type { TestProject } from "vitest/node";
import { buildPages } from "../local/build-pages.ts";
import { synthesize } from "../local/synthesize.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Directory of the cloud assembly. */
    assembly: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const [stack] = await Promise.all([synthesize({ context: { stagePoolTarget: "2" } }), buildPages()]);
  project.provide("assembly", stack.directory);
}
