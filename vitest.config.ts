import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const BROWSER = "test/browser/*.test.ts";
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
          exclude: [BROWSER, ...APART],
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
    env: {
      AWS_REGION: "us-east-1",
      OWNERS_TABLE: "owners",
      CLIENTS_TABLE: "clients",
      DEVICES_TABLE: "devices",
      PEOPLE_TABLE: "people",
      CALLS_TABLE: "calls",
      STAGES_TABLE: "stages",
      BUS_NAME: "ringmaster",
      DOUBTS_QUEUE_URL: "http://127.0.0.1:4566/000000000000/ringmaster-legs-in-doubt",
      BLINKS_QUEUE_URL: "http://127.0.0.1:4566/000000000000/ringmaster-participants-unpublished",
      ENDINGS_QUEUE_URL: "http://127.0.0.1:4566/000000000000/ringmaster-legs-ended",
      REMOVALS_QUEUE_URL: "http://127.0.0.1:4566/000000000000/ringmaster-removals",
      REMOVAL_GRACE_SECONDS: "8",
      CALL_WORKFLOW_ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:call",
      SIGNING_KEY_SECRET_ARN: "arn:aws:secretsmanager:us-east-1:000000000000:secret:signing-key",
      STACK_NAME: "ringmaster",
      CLEAN_UP_BUCKET: "clean-ups",
      CLEAN_UP_WORKFLOW_ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:clean-up",
      STALE_DAYS: "120",
      CALL_HISTORY: "delete",
      PUSH: "none",
      RING_SECONDS: "45",
      MAX_CALL_SECONDS: "14400",
      TOKEN_SECONDS: "60",
      RING_ATTEMPTS_PER_MINUTE: "10",
      REGISTRATIONS_PER_HOUR: "30",
      DELETIONS_PER_HOUR: "10",
      MIN_STAGES: "100",
      MAX_STAGES: "400",
      POWERTOOLS_LOG_LEVEL: "SILENT",
      POWERTOOLS_METRICS_DISABLED: "true",
    },
  },
});
