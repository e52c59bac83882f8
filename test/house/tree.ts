/** The files of the project, as git knows them, those not yet added included. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

export function filesOfProject(): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
  const listed = execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return listed.split("\n").filter((path) => path !== "" && existsSync(resolve(root, path)));
}

export const textOf = (path: string): string => readFileSync(resolve(root, path), "utf8");

/** TypeScript under these folders. */
export const sourcesIn = (...folders: string[]): string[] =>
  filesOfProject().filter(
    (path) => /\.tsx?$/.test(path) && folders.some((folder) => path.startsWith(`${folder}/`)),
  );

/** The code without its comments. */
export const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
