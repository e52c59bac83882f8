/** Node caches stripped TypeScript and compiled code of unchanged files: a start loads in half the time. */
import { readdirSync, rmSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

/** `npm ci` removes it with everything else there. */
const DIRECTORY = join(import.meta.dirname, "..", "node_modules", ".cache", "ringmaster");
/** Node never evicts, and each synthesis has its own bundles: some 100 of these fit. */
const LARGEST_BYTES = 500_000_000;

export function useCompileCache(): void {
  enableCompileCache(DIRECTORY);
}

/** The next start puts back what is removed. */
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
    return 0; // no start has made it, or another one has removed it
  }
}
