/** Writes the cloud assembly by running the CDK app as `cdk synth` would, without its validation. */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const APP = "infra/app.ts";
const NODE_MAJOR = 24;

export interface SynthesizeOptions {
  /** Root of the project. */
  readonly root?: string;
  /** Where the assembly goes; relative to the root. */
  readonly out?: string;
  /** Context of the CDK app, as `cdk -c name=value` gives it. */
  readonly context?: Readonly<Record<string, string>>;
}

/** Always synthesizes anew: what runs here is what the sources say now. Returns the assembly's directory. */
export async function synthesize(options: SynthesizeOptions = {}): Promise<string> {
  requireNode();
  const root = resolve(options.root ?? process.cwd());
  const directory = resolve(root, options.out ?? "cdk.out");
  mkdirSync(directory, { recursive: true });
  const env = {
    ...process.env,
    CDK_VALIDATION: "false",
    CDK_OUTDIR: directory,
    CDK_CONTEXT_JSON: JSON.stringify({ ...contextOf(root), ...options.context }),
  };
  const { code, output } = await run(process.execPath, [APP], { cwd: root, env });
  if (code !== 0) throw new Error(`${APP} did not synthesize (exit code ${code}):\n${output.trim()}`);
  return directory;
}

export function requireNode(version = process.version): void {
  if (Number(version.slice(1).split(".")[0]) >= NODE_MAJOR) return;
  throw new Error(
    `Node ${NODE_MAJOR} is needed and this is ${version}: start through npm (npm start), which brings it`,
  );
}

/** The flags of cdk.json, which the CLI hands to the app: without them names could differ from what deploys. */
function contextOf(root: string): Record<string, unknown> {
  const file = JSON.parse(readFileSync(join(root, "cdk.json"), "utf8")) as {
    context?: Record<string, unknown>;
  };
  return file.context ?? {};
}

function run(command: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
  return new Promise<{ code: number | null; output: string }>((done, fail) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    }
    child.once("error", fail);
    child.once("close", (code) => done({ code, output }));
  });
}
