/** docs/mobile.md for a developer who follows it: every shell and TypeScript block, in their order, against `npm start`. */
import "./programs.ts";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const DIRECTORY = mkdtempSync(join(tmpdir(), "ringmaster-mobile-"));
const FREE_PORTS = ["--port", "0", "--tls-port", "0", "--aws-port", "0"];
const text = readFileSync(new URL("../../docs/mobile.md", import.meta.url), "utf8");

let program: ChildProcess;
let printed = "";

beforeAll(async () => {
  const args = [
    "--import",
    "./require-node.mjs",
    "local/main.ts",
    ...FREE_PORTS,
    "--data",
    join(DIRECTORY, "data"),
  ];
  program = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise<void>((resolve, reject) => {
    program.stdout?.setEncoding("utf8").on("data", (some: string) => {
      printed += some;
      if (printed.includes("Ctrl-C stops.")) resolve();
    });
    program.once("exit", (code) => reject(new Error(`exit code ${code}: ${printed}`)));
  });
});
afterAll(() => {
  program.kill();
  rmSync(DIRECTORY, { recursive: true, force: true });
});

const addressOf = (what: string): string => new RegExp(`${what} +(https?://\\S+)`).exec(printed)?.[1] ?? "";

/** The blocks of a language as one program, which uses this test's runtime. */
const blocks = (language: string): string =>
  [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
    .flatMap(([, of, block = ""]) => (of === language ? [block] : []))
    .join("\n")
    .replaceAll("http://127.0.0.1:4000", addressOf("REST API"))
    .replaceAll("http://127.0.0.1:4566", addressOf("AWS APIs"));

test("the shell blocks make the first call, show a push and play one", async () => {
  const { stdout, stderr } = await run("sh", ["-euc", blocks("sh")], { maxBuffer: 1_000_000 });
  expect(stderr).toBe("");
  expect(stdout).toContain('"type":"incoming_call"');
  expect(stdout).toContain('"status":"ringing"');
  expect(stdout).toContain('"status":"answered"');
  expect(stdout).toContain('"endReason":"completed"');
  expect(stdout).toContain("https://fcm.googleapis.com/v1/projects/");
  expect(stdout).toContain("call_cancelled → GCM: accepted");
});

test("the TypeScript blocks sign in, register, call each other and hear of calls", async () => {
  const file = join(DIRECTORY, "mobile.ts");
  writeFileSync(file, blocks("ts"));
  writeFileSync(join(DIRECTORY, "package.json"), '{"type":"module"}');
  const { stdout, stderr } = await run(process.execPath, [file]);
  expect({ stdout, stderr }).toEqual({
    stdout: "registered 1 phone\none call: true, answered\nsubscribed: read now\n",
    stderr: "",
  });
});

test("every block is in a language that is tested or named here", () => {
  const languages = new Set([...text.matchAll(/^```(\w+)$/gm)].map(([, language]) => language));
  // Kotlin and Swift have only lines for AWS's SDK.
  expect(languages).toEqual(new Set(["sh", "ts", "kotlin", "swift"]));
});
