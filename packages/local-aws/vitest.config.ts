import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "local-aws",
    include: ["test/**/*.test.ts"],
    // A worker keeps what it has loaded from one file to the next: the runtime and the SDK.
    isolate: false,
    // Code of functions runs as it is: Node loads it, not the test runner's transform.
    server: { deps: { external: [/\/asset\.[0-9a-f]+\//] } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { AWS_REGION: "us-east-1" },
  },
});
