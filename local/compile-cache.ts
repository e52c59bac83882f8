/** Node keeps TypeScript without its types, and compiled code, of files that have not changed: a start takes half the time to load. */
import { readdirSync, rmSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

/** `npm ci` removes it with everything else there. */
const DIRECTORY = join(import.meta.dirname, "..", "node_modules", ".cache", "ringmaster");
/** Node never forgets, and each synthesis has bundles of its own: some 100 of these fit. */
const LARGEST_BYTES = 500_000_000;

export function useCompileCache(): void {
  enableCompileCache(DIRECTORY);
}

/** What is removed comes back with the next start. */
export function boundCompileCache(directory = DIRECTORY, largestBytes = LARGEST_BYTES): void {
  if (bytesIn(directory) > largestBytes) rmSync(directory, { recursive: true, force: true });
}

function bytesIn(directory: string): number {
  try {
    const sizes = readdirSync(directory, { recursive: true }).map(
      (name) => statSync(join(directory, String(name))).size,
    );
    return sizes.reduce((sum, bytes) => sum + bytes, 0);
  } catch {
    return 0; // no start has been here, or another one has removed it
  }
}
