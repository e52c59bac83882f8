/** The bundles that Lambda gets: small, complete, and with credentials from the environment. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { bundle, type Bundles } from "../../infra/bundle.ts";
import { functionNames } from "../../infra/function-sizes.ts";

const clientModule = join(import.meta.dirname, "../../node_modules/@aws-sdk/client-dynamodb");
const workDir = mkdtempSync(join(tmpdir(), "ringmaster-bundle-"));
let built: Bundles;

beforeAll(async () => {
  const handlersDir = join(workDir, "handlers");
  mkdirSync(handlersDir);
  for (const name of functionNames) {
    writeFileSync(join(handlersDir, `${name}.ts`), "export const handler = async (): Promise<void> => {};");
  }
  writeFileSync(
    join(handlersDir, "drive-call.ts"),
    `import { DynamoDBClient } from ${JSON.stringify(clientModule)};
     const client = new DynamoDBClient({ region: "us-east-1" });
     export const handler = () => client.config.credentials();`,
  );
  built = await bundle({ handlersDir, outputDir: join(workDir, "build") });
});

afterAll(() => rmSync(workDir, { recursive: true }));

const indexOf = (name: string) => join(built.directory, name, "index.mjs");

test("every function has a bundle", () => {
  for (const name of functionNames) expect(statSync(indexOf(name)).size).toBeGreaterThan(0);
});

test("no bundle contains the credential providers that Lambda never uses", () => {
  const inputs = Object.keys(built.metafile.inputs).filter((path) => path.includes("credential-provider"));
  expect(inputs).toEqual([]);
});

test("an SDK client in a bundle signs with the credentials that Lambda sets before the start", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_SESSION_TOKEN", "session");
  const { handler } = (await import(pathToFileURL(indexOf("drive-call")).href)) as {
    handler: () => Promise<unknown>;
  };
  vi.unstubAllEnvs();
  expect(await handler()).toMatchObject({
    accessKeyId: "AKIAEXAMPLE",
    secretAccessKey: "secret",
    sessionToken: "session",
  });
});

test("a repeated build leaves an unchanged bundle untouched, so that its hash stays", async () => {
  const before = statSync(indexOf("drive-call")).mtimeMs;
  await bundle({ handlersDir: join(workDir, "handlers"), outputDir: built.directory });
  expect(statSync(indexOf("drive-call")).mtimeMs).toBe(before);
});
