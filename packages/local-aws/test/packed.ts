/**
 * Proves that the package works for somebody else: it is compiled and packed, put into an empty folder with the packages that its
 * package.json names and no others, and plays through the foreign app there. `node test/packed.ts`; needs no network.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { synthesizeForeignApp } from "./foreign-app/synthesize.ts";

const ROOT = join(import.meta.dirname, "..");
/** What the foreign app's own program needs: clients to play with, and types to check it by. */
const OF_THE_PROGRAM = ["@aws-sdk/client-s3", "@aws-sdk/client-sfn", "@aws-sdk/client-sqs", "@types/node"];
const EXPECTED = {
  status: "SUCCEEDED",
  hours: 1,
  receipt: "cents: 750",
  message: { orderId: "a-1", cents: 750 },
};

const directoryOf = (name: string): string => {
  const found = findPackageJSON(name, import.meta.url);
  if (!found) throw new Error(`${name} is not installed: run npm ci`);
  return dirname(found);
};
const run = (program: string, args: readonly string[], cwd: string): string =>
  execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

function link(modules: string, name: string): void {
  const path = join(modules, name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(directoryOf(name), path);
}

/** As `npm install local-aws` leaves it. */
function install(folder: string): void {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], ROOT)) as [
    { readonly filename: string },
  ];
  const modules = join(folder, "node_modules");
  const own = join(modules, "local-aws");
  mkdirSync(own, { recursive: true });
  run("tar", ["-xzf", join(folder, packed.filename), "-C", own, "--strip-components=1"], folder);
  const { dependencies } = JSON.parse(readFileSync(join(own, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const name of [...Object.keys(dependencies), ...OF_THE_PROGRAM]) link(modules, name);
}

function writeProgram(folder: string): void {
  const play = readFileSync(join(import.meta.dirname, "foreign-app", "play.ts"), "utf8");
  const options = { strict: true, noEmit: true, module: "nodenext", target: "es2024", skipLibCheck: true };
  const compilerOptions = { ...options, allowImportingTsExtensions: true, types: ["node"] };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  writeFileSync(join(folder, "play.ts"), play.replace("../../src/index.ts", "local-aws"));
  writeFileSync(
    join(folder, "main.ts"),
    `import { play } from "./play.ts";\nconsole.log(JSON.stringify(await play("cdk.out")));\n`,
  );
}

const folder = mkdtempSync(join(tmpdir(), "local-aws-packed-"));
try {
  synthesizeForeignApp(join(folder, "cdk.out"));
  install(folder);
  writeProgram(folder);
  run(process.execPath, [join(directoryOf("typescript"), "bin", "tsc")], folder);
  const played = run(process.execPath, ["main.ts"], folder).trim();
  if (played !== JSON.stringify(EXPECTED)) throw new Error(`the packed package played ${played}`);
  console.log(`local-aws, packed and alone: ${played}`);
} finally {
  rmSync(folder, { recursive: true });
}
