/**
 * How long properties are tried: in CI each so often with one seed, which makes every run the same. `npm run fuzz -- --times 100
 * --seed 7` tries them longer.
 */
import { env } from "node:process";

const SEED = 23;

/** `runs` in CI. */
export const trying = (runs: number) => ({
  seed: Number(env["FUZZ_SEED"] ?? SEED),
  numRuns: Math.ceil(runs * Number(env["FUZZ_TIMES"] ?? 1)),
});
