/**
 * Proves that the package works for somebody else: it is compiled and packed, put into an empty folder, the snippets of its README
 * are compiled against it there, and the first of them plays a call on the local runtime. examples/web is copied beside it and
 * bundled. `node test/packed.ts`; needs no network.
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { createPages } from "../../../local/pages.ts";
import { createPeople } from "../../../local/people.ts";
import { synthesize } from "../../../local/synthesize.ts";
import { LOOPBACK } from "../../local-aws/src/listener.ts";
import { startRuntime } from "../../local-aws/src/runtime.ts";
import { listen } from "../../local-aws/src/servers.ts";

const ROOT = join(import.meta.dirname, "..");
/** What the snippets are compiled with beside the package, which itself depends on nothing. */
const OF_THE_SNIPPETS = ["@types/node", "@types/react", "aws-amplify", "react"];
const EXPECTED = ["calling", "ringing", "connected", "ended"].map((state) => `Alice: ${state}`);

const directoryOf = (name: string): string => {
  const found = findPackageJSON(name, import.meta.url);
  if (!found) throw new Error(`${name} is not installed: run npm ci`);
  return dirname(found);
};
/** As the README says: bytes, minified and gzipped, of an app that takes everything of these entries. */
const BUDGETS = [
  { entries: ["index"], bytes: 14_000 },
  { entries: ["index", "ivs"], bytes: 16_600 },
] as const;

function checkSize({ entries, bytes }: (typeof BUDGETS)[number]): void {
  const contents = entries.map((entry) => `export * from "./dist/${entry}.js";`).join("\n");
  const stdin = { contents, resolveDir: ROOT };
  const { outputFiles } = buildSync({ stdin, bundle: true, minify: true, format: "esm", write: false });
  const size = gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
  if (size > bytes) throw new Error(`${entries.join(" and ")}: ${size} bytes are more than the README says`);
}

const run = (program: string, args: readonly string[], cwd: string): string =>
  execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

/** As `npm install` of the packed file leaves it. */
function install(folder: string): void {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], ROOT)) as [
    { readonly filename: string },
  ];
  const modules = join(folder, "node_modules");
  const own = join(modules, "@ringmaster", "client");
  mkdirSync(own, { recursive: true });
  run("tar", ["-xzf", join(folder, packed.filename), "-C", own, "--strip-components=1"], folder);
  for (const name of OF_THE_SNIPPETS) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(directoryOf(name), join(modules, name));
  }
}

/** In order; the first program is whole, and the later snippets go on from it. */
function snippets(): { ts: string[]; tsx: string[] } {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const of = (language: string): string[] =>
    [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, code = ""]) => code);
  return { ts: of("ts"), tsx: of("tsx") };
}

function writeProgram(folder: string, appUrl: string): void {
  const { ts, tsx } = snippets();
  const [firstCall = "", ...later] = ts;
  if (later.length === 0 || tsx.length === 0) throw new Error("the README has lost its snippets");
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: "nodenext",
    target: "es2024",
    lib: ["es2024", "dom"],
    jsx: "react-jsx",
    skipLibCheck: false,
    types: ["node"],
  };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["*.ts", "*.tsx"] }),
  );
  writeFileSync(join(folder, "first-call.ts"), firstCall.replace("http://127.0.0.1:4000", appUrl));
  writeFileSync(
    join(folder, "later.ts"),
    `import type { Phone } from "@ringmaster/client";\n${later.join("\n")}\nvoid [accessToken, start, pushed, followTheApp, addCarol];\n`,
  );
  tsx.forEach((code, index) => writeFileSync(join(folder, `view-${index}.tsx`), code));
}

/** Throws where the example names what the packed file does not have. test/browser/example-web.test.ts plays it. */
function bundleExample(folder: string): void {
  const copy = join(folder, "web");
  cpSync(join(ROOT, "../../examples/web"), copy, { recursive: true });
  writeFileSync(join(copy, "config.json"), "{}");
  buildSync({ entryPoints: [join(copy, "call.js")], bundle: true, format: "esm", write: false });
}

/** The back end as `npm start` serves it, in this process. */
async function backEnd(): Promise<{ url: string; close(): Promise<void> }> {
  const { directory: assembly } = await synthesize({ context: { minStages: "12" } });
  const addresses = { app: `http://${LOOPBACK}`, tls: "", aws: "" };
  const runtime = await startRuntime({ assembly, lazyFunctions: true });
  await createPeople(runtime);
  const servers = await listen(runtime, { port: 0, awsPort: 0, pages: createPages(runtime, addresses) });
  addresses.app = `http://${LOOPBACK}:${servers.port}`;
  addresses.aws = `http://${LOOPBACK}:${servers.awsPort}`;
  return {
    url: addresses.app,
    async close() {
      await servers.close();
      runtime.stop();
    },
  };
}

function play(folder: string): Promise<string> {
  const child = spawn(process.execPath, ["first-call.ts"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (data) => void (said += String(data)));
  return new Promise((resolve, reject) => {
    child.once("close", (code) =>
      code === 0 ? resolve(said) : reject(new Error(`it ended with ${code}:\n${said}`)),
    );
  });
}

const folder = mkdtempSync(join(tmpdir(), "ringmaster-client-packed-"));
const served = await backEnd();
try {
  install(folder);
  for (const budget of BUDGETS) checkSize(budget);
  bundleExample(folder);
  writeProgram(folder, served.url);
  run(process.execPath, [join(directoryOf("typescript"), "bin", "tsc")], folder);
  const lines = (await play(folder)).trim().split("\n");
  const missing = [...EXPECTED, "Bob's phone rings", "over: completed"].filter(
    (line) => !lines.includes(line),
  );
  if (missing.length > 0) throw new Error(`it did not say ${missing.join(", ")}:\n${lines.join("\n")}`);
  console.log(`@ringmaster/client, packed and alone: ${lines.join(", ")}`);
} finally {
  await served.close();
  rmSync(folder, { recursive: true });
}
// The runtime keeps plans for later.
process.exit();
