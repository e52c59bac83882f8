/** Bundles all handlers in one go. Run it alone for a table of sizes: `npx node infra/bundle.ts`. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";
import type { MediaProvider } from "../handlers/media/providers.ts";
import { type FunctionName, functionNames } from "./function-sizes.ts";

const projectDir = resolve(import.meta.dirname, "..");

export interface BundleOptions {
  readonly handlersDir?: string;
  readonly outputDir?: string;
  /** Whose parts handlers/media/provider.ts and joining.ts give out. */
  readonly media?: MediaProvider;
}

export interface Bundles {
  /** Holds `<function name>/index.mjs`. */
  readonly directory: string;
  readonly metafile: Metafile;
}

/** These functions load code that they rarely need, or only with other settings, on demand from chunks beside them. */
const SPLIT: readonly FunctionName[] = ["rest-entrypoint", "send-push"];
/**
 * A file that rest-entrypoint needs for deletions only, whole in a chunk of its own: what S3's protocol shares with the
 * other clients would otherwise be loaded at every start.
 */
const APART = { file: "operation-store", of: "rest-entrypoint" } as const;

export async function bundle({
  handlersDir = join(projectDir, "handlers"),
  outputDir = join(projectDir, "build"),
  media = "ivs",
}: BundleOptions = {}): Promise<Bundles> {
  const options = { ...common, plugins: mediaPlugins(media) };
  const entry = (name: FunctionName) => join(handlersDir, `${name}.ts`);
  const whole = functionNames.filter((name) => !SPLIT.includes(name));
  const apart = join(handlersDir, "clients", `${APART.file}.ts`);
  const built = await Promise.all([
    build({
      ...options,
      outdir: outputDir,
      entryPoints: [
        ...whole.map((name) => ({ in: entry(name), out: join(name, "index") })),
        ...(existsSync(apart) ? [{ in: apart, out: join(APART.of, APART.file) }] : []),
      ],
    }),
    ...SPLIT.map((name) =>
      build({
        ...options,
        outdir: join(outputDir, name),
        entryPoints: [{ in: entry(name), out: "index" }],
        splitting: true,
        plugins: [...options.plugins, loadApart],
        chunkNames: "[name]-[hash]",
      }),
    ),
  ]);
  const files = built.flatMap(({ outputFiles }) => outputFiles);
  for (const { path, contents } of files) replaceFile(path, contents);
  const current = new Set(files.map(({ path }) => path));
  for (const name of SPLIT) removeOthers(join(outputDir, name), current);
  const metafile: Metafile = {
    inputs: Object.assign({}, ...built.map(({ metafile: { inputs } }) => inputs)),
    outputs: Object.assign({}, ...built.map(({ metafile: { outputs } }) => outputs)),
  };
  return { directory: outputDir, metafile };
}

const loadApart: Plugin = {
  name: "load-apart",
  setup(bundling) {
    bundling.onResolve({ filter: new RegExp(`/${APART.file}\\.ts$`) }, () => ({
      path: `./${APART.file}.mjs`,
      external: true,
    }));
  },
};

/** Of the media provider a function gets those parts only that it uses, though one file names them all. */
const partsOfProvider: Plugin = {
  name: "parts-of-provider",
  setup(bundling) {
    bundling.onResolve({ filter: /^\.\/[^/]+\/.*\.ts$/ }, ({ importer, path, resolveDir }) =>
      importer.endsWith(join("media", "provider.ts"))
        ? { path: join(resolveDir, path), sideEffects: false }
        : undefined,
    );
  },
};

/** The same, and in place of IVS's parts those of LiveKit: a bundle knows one provider. */
const partsOfLiveKit: Plugin = {
  name: "parts-of-livekit",
  setup(bundling) {
    bundling.onResolve({ filter: /\/media\/(provider|joining)\.ts$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, dirname(path), "livekit", basename(path)),
    }));
    bundling.onResolve({ filter: /^\.\/[^/]+\.ts$/ }, ({ importer, path, resolveDir }) =>
      importer.endsWith(join("livekit", "provider.ts"))
        ? { path: join(resolveDir, path), sideEffects: false }
        : undefined,
    );
  },
};

const mediaPlugins = (media: MediaProvider): Plugin[] =>
  media === "livekit" ? [partsOfLiveKit] : [partsOfProvider];

const common = {
  outExtension: { ".js": ".mjs" },
  absWorkingDir: projectDir,
  write: false,
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  mainFields: ["module", "main"],
  minify: true,
  metafile: true,
  logLevel: "error",
  // Packages in CommonJS, such as Google's, require Node's own modules: an ES module has no `require`.
  banner: {
    js: 'import{createRequire as requireFrom}from"node:module";const require=requireFrom(import.meta.url);',
  },
  // `debug`, which google-auth-library brings, colours a terminal with it if it is installed. A function has no terminal.
  external: ["supports-color"],
  alias: { "@aws-sdk/credential-provider-node": join(import.meta.dirname, "lambda-credentials.ts") },
} satisfies BuildOptions;

/** Chunks of an earlier build would be uploaded with the function. */
function removeOthers(directory: string, current: ReadonlySet<string>): void {
  for (const file of readdirSync(directory)) {
    if (!current.has(join(directory, file))) rmSync(join(directory, file), { force: true });
  }
}

/** Whole or not at all, and only if it differs: another synthesis may be reading the file. */
function replaceFile(path: string, contents: Uint8Array): void {
  if (contentsOf(path)?.equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = join(dirname(dirname(path)), `.${process.pid}.mjs`);
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}

function contentsOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined; // not built before
  }
}

/** Bytes of JavaScript that a function loads when it starts: its entry and what that imports at once. */
export function bytesAtStart({ outputs }: Metafile, name: FunctionName): number {
  const entry = Object.keys(outputs).find((file) => file.endsWith(`${name}/index.mjs`));
  const loaded = new Set<string>();
  const visit = (file: string): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      if (kind === "import-statement" && outputs[path]) visit(path);
    }
  };
  if (entry) visit(entry);
  return [...loaded].reduce((bytes, file) => bytes + (outputs[file]?.bytes ?? 0), 0);
}

function printSizes({ metafile }: Bundles): void {
  console.log("Function           kB at start");
  for (const name of functionNames) {
    console.log(name.padEnd(18), String(Math.round(bytesAtStart(metafile, name) / 1000)).padStart(5));
  }
}

if (import.meta.main) printSizes(await bundle());
