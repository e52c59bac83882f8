/** The functions' packages are all in `dependencies`, so that a deployment without devDependencies works. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bundle } from "../../infra/bundle.ts";

const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"));
// The fields of npm's own files that this test reads.
const { dependencies } = read("package.json") as { dependencies: Record<string, string> };
const { packages } = read("package-lock.json") as {
  packages: Record<string, { dev?: boolean; dependencies?: Record<string, string> }>;
};

/** The package that a path below node_modules belongs to. Undefined for a file of our own. */
function packageOf(path: string): string | undefined {
  const [, below] = /.*node_modules\/(.*)/.exec(path) ?? [];
  const [scope, name] = below?.split("/") ?? [];
  return scope?.startsWith("@") ? `${scope}/${name}` : scope;
}
const packagesOf = (paths: readonly string[]): string[] =>
  [...new Set(paths.flatMap((path) => packageOf(path) ?? []))].toSorted();

test("every package that the functions import is a dependency, and every dependency is imported by a function", async () => {
  const { inputs } = (await bundle()).metafile;
  const own = Object.entries(inputs).filter(([path]) => packageOf(path) === undefined);
  const imported = own.flatMap(([, { imports }]) => imports.map(({ path }) => path));
  expect(packagesOf(imported)).toEqual(Object.keys(dependencies).toSorted());
});

test("no bundled package is a development one in the lock file", async () => {
  const { outputs } = (await bundle()).metafile;
  const bundled = packagesOf(Object.values(outputs).flatMap((output) => Object.keys(output.inputs)));
  expect(bundled.filter((name) => packages[`node_modules/${name}`]?.dev)).toEqual([]);
  expect(packages[""]?.dependencies).toEqual(dependencies);
});
