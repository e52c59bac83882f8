/**
 * `npm run check`: everything that must hold before a change lands, in the order in which it is cheapest to find out.
 * The last line counts the tests.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const results = join(mkdtempSync(join(tmpdir(), "ringmaster-check-")), "tests.json");

interface Step {
  readonly name: string;
  readonly command: string;
  /** Judges the output where the exit code says too little; the default is exit code 0. */
  readonly holds?: (output: string, exitCode: number | null) => boolean;
}

const steps: readonly Step[] = [
  { name: "format", command: "oxfmt --check" },
  { name: "lint", command: "oxlint" },
  {
    // A linter whose type-aware rules are off reports nothing at all, so a deliberate mistake must be found by name.
    name: "lint finds a floating promise",
    command: "oxlint -c test/lint-sample/sample.oxlintrc.json test/lint-sample/floating-promise.ts",
    holds: (output, exitCode) => exitCode === 1 && output.includes("no-floating-promises"),
  },
  { name: "types", command: "npm run types" },
  {
    name: "tests",
    command: `npm test -- --reporter=default --reporter=./test/cpu-reporter.ts --reporter=json --outputFile.json=${results}`,
  },
  { name: "client alone", command: "node packages/client/test/packed.ts" },
  { name: "local-aws alone", command: "node packages/local-aws/test/packed.ts" },
  // With the generator and the TypeScript of its own project, as an app has them.
  {
    name: "types of the API",
    command: "npm run generate -w examples/typescript && npm run check -w examples/typescript",
  },
  { name: "synth", command: "npm run synth" },
];

function run({ name, command, holds }: Step): boolean {
  const startedAt = performance.now();
  console.log(`\n── ${name}: ${command}`);
  // npm puts the project's own tools first on the PATH.
  const judged = holds !== undefined;
  const child = spawnSync(command, { shell: true, encoding: "utf8", stdio: judged ? "pipe" : "inherit" });
  const output = `${child.stdout ?? ""}${child.stderr ?? ""}`;
  const good = holds ? holds(output, child.status) : child.status === 0;
  if (judged && !good) console.log(output);
  console.log(
    `── ${name}: ${good ? "good" : "FAILED"} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
  );
  return good;
}

function testCounts(): { passed: number; failed: number } {
  try {
    const { numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(results, "utf8"));
    return { passed: numPassedTests, failed: Math.max(numFailedTests, success ? 0 : 1) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

const failed = steps.filter((step) => !run(step)).map(({ name }) => name);
if (failed.length > 0) console.log(`\nFailed: ${failed.join(", ")}`);
const counts = testCounts();
const otherFailures = failed.filter((name) => name !== "tests").length;
console.log(`${counts.passed} passed, ${counts.failed + otherFailures} failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
