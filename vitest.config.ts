import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { functionEnvironment } from "./test/function-environment.ts";

const BROWSER = "test/browser/*.test.ts";
const SIMULATION = "test/simulation/*.test.ts";
/** Stores of which the model of test/simulation needs nothing else than what its tables do. */
const MEMORY_DYNAMODB = [
  "test/adapters/{admission,call-store,client-store,history,joining,keeper-row,person-store,presence-store,removal-store,stage-store}.test.ts",
];
/** A process each: the first put others in the place of modules, and CDK, which asks for stacks all the time, is slow in a full one. */
const APART = [
  "test/handlers/{close-stage-input,environment,unexpected-failure}.test.ts",
  "test/infra/*.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "quick",
          include: ["test/**/*.test.ts"],
          exclude: [BROWSER, SIMULATION, ...APART],
          // A worker keeps what it has loaded from one file to the next: the runtime, the SDK, the compiled bundles.
          isolate: false,
          provide: { pace: "virtual" },
        },
      },
      {
        extends: "packages/local-aws/vitest.config.ts",
        root: "packages/local-aws",
        test: { name: "local-aws", setupFiles: ["../../test/in-worker.ts"], provide: { pace: "virtual" } },
      },
      {
        extends: true,
        // Its tests hold it to the house's contract and play calls on the whole stack.
        test: {
          name: "client",
          include: ["packages/client/test/**/*.test.{ts,tsx}"],
          isolate: false,
          provide: { pace: "virtual" },
        },
      },
      {
        extends: true,
        // Functions read their environment when they load, and these have a push provider.
        test: {
          name: "simulation",
          include: [SIMULATION],
          isolate: false,
          env: { ...functionEnvironment, PUSH: "pinpoint", PINPOINT_APP_ID: "simulated" },
          provide: { pace: "virtual" },
        },
      },
      {
        extends: true,
        // What DynamoDB has to do for the stores, the model's tables do too.
        test: {
          name: "memory-dynamodb",
          include: MEMORY_DYNAMODB,
          isolate: false,
          env: { DYNAMODB_ENDPOINT: "memory" },
          provide: { pace: "virtual" },
        },
      },
      { extends: true, test: { name: "apart", include: APART, provide: { pace: "virtual" } } },
      {
        extends: true,
        // In real time: these go first wherever there is not enough for all.
        // In real time, in a Chromium that other work on the machine may starve for longer than a page waits: once more, then it is a fault.
        test: { name: "browser", include: [BROWSER], provide: { pace: "real" }, retry: 1 },
      },
    ],
    globalSetup: ["test/synthesized.ts"],
    setupFiles: ["test/in-worker.ts"],
    // Bundles run as they are: Node loads them, not the test runner's transform.
    server: { deps: { external: [/\/asset\.[0-9a-f]+\//, /\/build\//] } },
    // One more than cores: tests of commands and of pages mostly wait for other processes.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Functions read these when they load; no test reaches AWS through them.
    env: functionEnvironment,
  },
});
