/** `npm run fuzz -- [--times N] [--seed S]`: the properties of bad input, tried N times as often as in CI, from another seed. */
import { spawnSync } from "node:child_process";
import { execPath } from "node:process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { times: { type: "string", default: "20" }, seed: { type: "string" } },
});
const seed = values.seed ?? String(Math.floor(Date.now() / 1000));
console.log(`seed ${seed}, ${values.times} times as often as in CI`);
const files = ["rest-requests", "graphql-requests", "inputs-of-functions", "uploads", "push-results"];
const { status } = spawnSync(
  execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--testTimeout=0",
    ...files.map((file) => `test/abuse/${file}.test.ts`),
  ],
  { stdio: "inherit", env: { ...process.env, FUZZ_SEED: seed, FUZZ_TIMES: values.times } },
);
process.exitCode = status ?? 1;
