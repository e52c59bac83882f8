/** The stack is synthesized again when one of its sources has changed, and only then. */
import "../stack-sources.ts";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from "vitest";
import { PAGE_SOURCES } from "../../local/build-pages.ts";
import { digestOf } from "../../local/made/digest.ts";
import { STACK_SOURCES, stackInputs, synthesize } from "../../local/synthesize.ts";
import { readAssembly } from "../../packages/local-aws/src/cloudformation/assembly.ts";

const PROJECT = resolve(import.meta.dirname, "../..");
const INSTALLED = "node_modules/.package-lock.json";
/** The context of `test/synthesized.ts`. */
const CONTEXT = { minStages: "12" };

/** A project with nothing but the sources of the stack. */
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "ringmaster-sources-"));
  const sources = STACK_SOURCES.filter((path) => path !== INSTALLED);
  for (const path of sources) cpSync(join(PROJECT, path), join(root, path), { recursive: true });
  mkdirSync(join(root, "node_modules"));
  cpSync(join(PROJECT, INSTALLED), join(root, INSTALLED));
});
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const stackDigest = (context: Readonly<Record<string, string>> = CONTEXT): string =>
  digestOf(stackInputs(root, context));

function changed(path: string, digest: () => string = stackDigest): boolean {
  const [before, original] = [digest(), readFileSync(join(root, path))];
  writeFileSync(join(root, path), `${original.toString()}\n`);
  const after = digest();
  writeFileSync(join(root, path), original);
  expect(digest()).toBe(before);
  return after !== before;
}

test.each([
  ["a handler", "handlers/drive-call.ts"],
  ["an adapter", "handlers/store/call-store.ts"],
  ["the stack", "infra/ringmaster-stack.ts"],
  ["the bundler", "infra/bundle.ts"],
  ["a workflow", "workflows/call.ts"],
  ["a rule", "calls/rules.ts"],
  ["an event's schema", "events/catalogue.ts"],
  ["the GraphQL schema", "people/schema.graphql"],
  ["a resolver", "people/fields.ts"],
  ["CDK's flags", "cdk.json"],
  ["the compiler's settings", "tsconfig.json"],
  ["the package", "package.json"],
  ["the lock file", "package-lock.json"],
  ["the installed packages", INSTALLED],
])("a change of %s needs a new synthesis", (_what, path) => {
  expect(changed(path)).toBe(true);
});

test("a new or removed source needs a new synthesis", () => {
  const before = stackDigest();
  writeFileSync(join(root, "handlers", "new.ts"), "");
  const added = stackDigest();
  rmSync(join(root, "handlers", "new.ts"));
  expect([added === before, stackDigest() === before]).toEqual([false, true]);
});

test("another setting, or a variable that CDK reads, needs a new synthesis", () => {
  const before = stackDigest();
  expect(stackDigest({ minStages: "5" })).not.toBe(before);
  expect(stackDigest({ ...CONTEXT, ringSeconds: "30" })).not.toBe(before);
  vi.stubEnv("CDK_DISABLE_STACK_TRACE", "1");
  expect(stackDigest()).not.toBe(before);
});

test("a change of the pages needs a new synthesis of a stack that deploys them, and of no other", () => {
  const pages = join(root, "build", "web");
  mkdirSync(pages, { recursive: true });
  writeFileSync(join(pages, "index.html"), "");
  const withSite = (): string => stackDigest({ ...CONTEXT, site: "true" });
  expect(changed("build/web/index.html", withSite)).toBe(true);
  expect(changed("build/web/index.html")).toBe(false);
  rmSync(join(root, "build"), { recursive: true });
});

test("every file that the pages may import is one of their sources", () => {
  expect(PAGE_SOURCES).toEqual(expect.arrayContaining(["web", "events", "calls", "tools/console"]));
});

test("an unchanged stack is used again, and after a change of a handler its function runs the new code", async () => {
  // A stack depends on the content of its sources, not on their location.
  const made = inject("assembly");
  const place = join(root, "build", "stacks", basename(made));
  mkdirSync(dirname(place), { recursive: true });
  cpSync(made, place, { recursive: true });
  expect(await synthesize({ root, context: CONTEXT })).toEqual({ directory: place, reused: true });

  rmSync(join(root, "node_modules"), { recursive: true });
  symlinkSync(join(PROJECT, "node_modules"), join(root, "node_modules"));
  const handler = join(root, "handlers", "drive-call.ts");
  writeFileSync(handler, `${readFileSync(handler, "utf8")}\nconsole.log("changed by a test");\n`);
  const { directory, reused } = await synthesize({ root, context: CONTEXT });
  expect([reused, codeOf("drive-call", directory)]).toEqual([
    false,
    expect.stringContaining("changed by a test"),
  ]);
  expect(codeOf("drive-call", place)).not.toContain("changed by a test");
});

function codeOf(name: string, directory: string): string {
  const assembly = readAssembly(directory);
  const properties = Object.values(assembly.template.Resources)
    .map(({ Properties }) => Properties as { FunctionName?: string; Code?: { S3Key: string } } | undefined)
    .find((one) => one?.FunctionName === `ringmaster-${name}`);
  return readFileSync(join(assembly.assetPath(properties?.Code?.S3Key ?? ""), "index.mjs"), "utf8");
}
