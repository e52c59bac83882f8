/** Any CDK app is synthesized as by `cdk synth`. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireNode, synthesize } from "../../local/synthesize.ts";

let root: string;
beforeAll(() => (root = mkdtempSync(join(tmpdir(), "ringmaster-apps-"))));
afterAll(() => rmSync(root, { recursive: true }));

function project(app: string): string {
  const directory = mkdtempSync(join(root, "project-"));
  mkdirSync(join(directory, "infra"));
  writeFileSync(join(directory, "cdk.json"), JSON.stringify({ context: { flag: true } }));
  writeFileSync(join(directory, "infra", "app.ts"), app);
  return directory;
}

test("synthesizing runs the CDK app with the flags of cdk.json and the given context", async () => {
  const writing = `import { writeFileSync } from "node:fs";
    const { CDK_OUTDIR: out, CDK_CONTEXT_JSON: context, CDK_VALIDATION: validation } = process.env;
    writeFileSync(out + "/seen.json", JSON.stringify({ context: JSON.parse(context), validation }));`;
  const { directory } = await synthesize({ root: project(writing), context: { push: "none" } });
  const seen: unknown = JSON.parse(readFileSync(join(directory, "seen.json"), "utf8"));
  expect(seen).toEqual({ context: { flag: true, push: "none" }, validation: "false" });
});

test("an app that fails to synthesize shows its error, and an old Node is refused", async () => {
  const failing = synthesize({ root: project(`throw new Error("ringSeconds must be 5 to 120")`) });
  await expect(failing).rejects.toThrow("ringSeconds must be 5 to 120");
  expect(() => requireNode("v20.20.2")).toThrow("start through npm");
});
