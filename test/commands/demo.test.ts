/** `npm run demo`: plays a call, and reports a step that does not work. */
import "./programs.ts";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, inject, test } from "vitest";

async function demo(assembly: string, ...more: string[]): Promise<{ code: number | null; printed: string }> {
  const args = ["--import", "./require-node.mjs", "local/demo/demo.ts", "--assembly", assembly, ...more];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  }
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, printed };
}

/** The same assembly with one change to its template. */
function broken(
  change: (resources: Record<string, { Type: string; Properties: Record<string, unknown> }>) => void,
): string {
  const directory = mkdtempSync(join(inject("scratch"), "broken-"));
  cpSync(inject("assembly"), directory, { recursive: true });
  const file = join(directory, "Ringmaster.template.json");
  const template = JSON.parse(readFileSync(file, "utf8"));
  change(template.Resources);
  writeFileSync(file, JSON.stringify(template));
  return directory;
}

// Concurrent, because each test mostly waits in real time.
describe.concurrent("npm run demo", () => {
  test("prints the timeline, both tokens and the bill of a call that works", async ({ expect }) => {
    const { code, printed } = await demo(inject("assembly"));
    expect(printed).toContain("The call went as it should.");
    expect(printed).toMatch(/\d+ ms {2}state {4}Call ended/);
    expect(printed.match(/participant token, signature verified/g)).toHaveLength(2);
    expect(printed).toMatch(/states:transition +8\n/);
    expect(code).toBe(0);
  });

  test("fails and reports the missing steps when no event reaches the workflow", async ({ expect }) => {
    const assembly = broken((resources) => {
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type === "AWS::Events::Rule" && Properties["Name"] === "wake-call")
          Properties["State"] = "DISABLED";
      }
    });
    const { code, printed } = await demo(assembly);
    expect(printed).toContain("Not as expected:\n  not within 5 s: a push reaches Bob's phone");
    expect(code).toBe(1);
  });

  test("deletes clients in three batches, one of them in a call, and prints counts and bill", async ({
    expect,
  }) => {
    const { code, printed } = await demo(inject("assembly"), "cleanup");
    expect(printed).toContain("The deletion went as it should.");
    expect(printed).toMatch(/batches: .*"succeeded":3\b/);
    expect(printed).toMatch(/states:express-request +3\n/);
    expect(code).toBe(0);
  });

  test("plays a call for each end, and prints what holds for each", async ({ expect }) => {
    const { code, printed } = await demo(inject("assembly"), "--all");
    expect(printed).toContain("Every call went as it should.");
    const titles = printed.match(/^\d+\. .+$/gm) ?? [];
    expect(titles.length).toBeGreaterThanOrEqual(14);
    expect(printed.match(/✓/g)?.length).toBeGreaterThan(titles.length);
    expect(printed).not.toContain("✗");
    expect(code).toBe(0);
  });
});
