/**
 * `npm run example:kotlin`: generates the client, compiles the phone, and plays a call against the runtime. It needs a JDK, Maven and the
 * network, so it is no part of `npm test`.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const EXPECTED = [
  /Bob's phone rings: /,
  /both have a token: true/,
  /answered since 20\d\d-/,
  /hung up: completed/,
  /Bob's phone stops ringing: completed/,
  /Bob's phone was last seen 20\d\d-/,
];

const has = (program: string): boolean => spawnSync(program, ["-version"], { stdio: "ignore" }).status === 0;

async function play(): Promise<boolean> {
  const data = mkdtempSync(join(tmpdir(), "ringmaster-kotlin-"));
  const ports = ["--port", "0", "--tls-port", "0", "--aws-port", "0", "--data", data];
  const runtime = spawn(process.execPath, ["--import", "./require-node.mjs", "local/main.ts", ...ports]);
  try {
    let told = "";
    await new Promise<void>((resolve, reject) => {
      runtime.stdout.setEncoding("utf8").on("data", (text: string) => {
        told += text;
        if (told.includes("Ctrl-C stops.")) resolve();
      });
      runtime.once("exit", (code) => reject(new Error(`npm start: exit code ${code}: ${told}`)));
    });
    const address = (what: string): string => new RegExp(`${what} +(http://\\S+)`).exec(told)?.[1] ?? "";
    const env = { ...process.env, API: address("REST API"), AWS: address("AWS APIs") };
    const goals = ["-q", "-B", "compile", "exec:java"];
    const stdio = ["ignore", "pipe", "inherit"] as const;
    const { stdout } = spawnSync("mvn", goals, {
      cwd: import.meta.dirname,
      env,
      encoding: "utf8",
      stdio: [...stdio],
    });
    console.log(stdout);
    const missing = EXPECTED.filter((line) => !line.test(stdout));
    for (const line of missing) console.error(`not printed: ${String(line)}`);
    return missing.length === 0;
  } finally {
    runtime.kill();
    rmSync(data, { recursive: true, force: true });
  }
}

if (!has("java") || !has("mvn"))
  console.log("left out: the Kotlin example needs a JDK (17 or later) and Maven");
else if (!(await play())) process.exitCode = 1;
