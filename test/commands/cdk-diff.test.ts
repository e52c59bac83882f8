/** Unchanged sources deploy nothing: two syntheses are the same, and the CDK's own command finds no difference. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { bundle } from "../../infra/bundle.ts";
import { createApp } from "../../infra/ringmaster-app.ts";

const run = promisify(execFile);
const scratch = mkdtempSync(join(inject("scratch"), "diff-"));

async function synthesis(name: string): Promise<string> {
  const { directory: bundles } = await bundle({ outputDir: join(scratch, `bundles-${name}`) });
  const outdir = join(scratch, name);
  (await createApp({ bundles, outdir, inspect: false })).synth();
  return outdir;
}

const filesOf = (directory: string): [string, string][] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted()
    .map((path) => [path.slice(directory.length), readFileSync(path, "utf8")]);

test("two syntheses of the same sources write the same files, and `cdk diff` of them is empty", async () => {
  const [first, second] = [await synthesis("first"), await synthesis("second")];
  // The other files are for the CDK's tools: they say where in the source a resource was made.
  const deployed = (directory: string) =>
    filesOf(directory).filter(([path]) => /^\/asset\.|\.(template|assets)\.json$/.test(path));
  expect(deployed(second)).toEqual(deployed(first));
  const template = join(scratch, "Ringmaster.template.json");
  cpSync(join(first, "Ringmaster.template.json"), template);
  const args = ["diff", "--app", second, "--template", template, "--fail", "--no-notices", "--no-color"];
  // Without credentials and network, the template is compared with the file.
  const env = {
    PATH: process.env["PATH"],
    HOME: scratch,
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_DISABLE_CLI_TELEMETRY: "true",
  };
  const { stdout, stderr } = await run(process.execPath, ["node_modules/aws-cdk/bin/cdk", ...args], { env });
  expect(`${stdout}${stderr}`).toContain("There were no differences");
});
