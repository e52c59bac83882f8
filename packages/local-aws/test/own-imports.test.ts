/** The package stands alone: it imports itself and what its package.json names, and knows no app that runs on it. */
import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const TAKEN_OUT = /^(node_modules|dist|coverage)\b/;
const files = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
  .filter((path) => !TAKEN_OUT.test(path));
const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const { dependencies, devDependencies } = JSON.parse(textOf("package.json")) as Manifest;

const IMPORT =
  /^(?:import|export)\b[^"`;()=]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;
const importsIn = (text: string): string[] =>
  [...text.matchAll(IMPORT)].map((found) => found.slice(1).find((name) => name !== undefined) ?? "");
/** `@scope/name/file` is a file of the package `@scope/name`. */
const packageOf = (name: string): string => name.split("/", name.startsWith("@") ? 2 : 1).join("/");

/** What a file of the package imports and may not. */
function strangers(path: string, text: string): string[] {
  const known = path.startsWith("src/") ? dependencies : { ...dependencies, ...devDependencies };
  return importsIn(text).filter((name) => {
    if (name.startsWith(".")) return join(path, "..", name).startsWith("..");
    return !isBuiltin(name) && !(packageOf(name) in known);
  });
}

test("a file imports files of this package and packages that it depends on", () => {
  const sources = files.filter((path) => path.endsWith(".ts"));
  expect(sources.length).toBeGreaterThan(300);
  const found = sources.flatMap((path) => strangers(path, textOf(path)).map((name) => `${path}: ${name}`));
  expect(found).toEqual([]);
});

test.each([
  ["src/x.ts", 'import { a } from "../../other/a.ts";'],
  ["src/sqs/x.ts", 'export type { A } from "../../../a.ts";'],
  ["src/x.ts", 'const { build } = await import("esbuild");'],
  ["src/x.ts", 'import {\n  SQSClient,\n} from "@aws-sdk/client-sqs";'],
  ["test/x.ts", 'import left from "left-pad/left.js";'],
])("a stranger in %s is found: %j", (path, text) => {
  expect(strangers(path, text)).toHaveLength(1);
});

test("no app that runs on it is known to it", () => {
  const word = new RegExp(["ring" + "master", "call" + "ee", "call" + "Id"].join("|"), "i");
  expect(
    files.filter((path) => !path.includes("/step-functions-recorded/") && word.test(textOf(path))),
  ).toEqual([]);
  const phone = /\bphones?\b(?! number|")/i;
  expect(files.filter((path) => path.startsWith("src/") && phone.test(textOf(path)))).toEqual([]);
});
