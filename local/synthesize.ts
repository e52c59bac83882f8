/**
 * The cloud assembly: runs the CDK app as `cdk synth` would, without its validation. It is reused as long as its sources are
 * unchanged, so it always matches the sources.
 */
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Inputs } from "./made/digest.ts";
import { type Made, made } from "./made/made.ts";
import { runMaker, variables } from "./made/maker.ts";

const APP = "infra/app.ts";
const NODE_MAJOR = 24;
const PAGES = "build/web";

/** All that the app and the functions' bundles reach; a test synthesizes a copy of only these. */
export const STACK_SOURCES = [
  "infra",
  "workflows",
  "handlers",
  "api",
  "calls",
  "events",
  "people",
  "cdk.json",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
  // The installed packages, which may differ from the locked ones.
  "node_modules/.package-lock.json",
] as const;

export interface SynthesizeOptions {
  /** Root of the project. */
  readonly root?: string;
  /** Context of the CDK app, as `cdk -c name=value` gives it. */
  readonly context?: Readonly<Record<string, string>>;
  /** Without a provider that the context names, phones ring by the push networks of the local runtime; false: none rings, as deployed. */
  readonly localPush?: boolean;
}

/** The assembly's directory. Nothing there may be changed. */
export async function synthesize({
  root = process.cwd(),
  context: given = {},
  localPush = true,
}: SynthesizeOptions = {}): Promise<Made> {
  requireNode();
  const project = resolve(root);
  const context = localPush ? { ...localPushContext({ ...contextOf(project), ...given }), ...given } : given;
  return made({
    directory: (from) => join(project, "build", "stacks", from),
    inputs: () => stackInputs(project, context),
    make: (draft) => runApp(project, context, draft),
  });
}

export function stackInputs(root: string, context: Readonly<Record<string, string>>): Inputs {
  const all = { ...contextOf(root), ...context };
  // The only setting that puts a built thing into the stack.
  const site = ![undefined, false, "false"].includes(all["site"] as string | boolean | undefined);
  return {
    root,
    paths: site ? [...STACK_SOURCES, PAGES] : STACK_SOURCES,
    values: environmentOf(all),
  };
}

async function runApp(root: string, context: Readonly<Record<string, string>>, draft: string): Promise<void> {
  const bundles = join(draft, "bundles");
  const env = {
    ...environmentOf({ ...contextOf(root), ...context }),
    CDK_OUTDIR: draft,
    // Its own: another synthesis may be bundling other sources.
    BUNDLES_OUTDIR: bundles,
    // esbuild, which is written in Go, takes a third less time if it may use more memory meanwhile.
    GOGC: "400",
  };
  const { code, output } = await runMaker({ args: [APP], cwd: root, env });
  if (code !== 0) throw new Error(`${APP} did not synthesize (exit code ${code}):\n${output.trim()}`);
  rmSync(bundles, { recursive: true, force: true });
}

const environmentOf = (context: object): Record<string, string> => ({
  ...variables("CDK_", "JSII_", "ESBUILD_"),
  // The local runtime is not in the CLI's Region.
  CDK_DEFAULT_REGION: "",
  CDK_VALIDATION: "false",
  CDK_CONTEXT_JSON: JSON.stringify(context),
});

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

/** Context that gives a stack push channels on a laptop. The runtime fills the secrets, for its own push networks. */
const LOCAL_CREDENTIALS: Readonly<Record<string, string>> = {
  fcmSecret: "ringmaster/fcm",
  apnsSecret: "ringmaster/apns",
  apnsSandbox: "true",
};

/** A stack that names its own credentials or provider keeps them. */
function localPushContext(context: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const { push = "pinpoint", fcmSecret, apnsSecret, apnsCertificateSecret, pinpointAppId } = context;
  const named = fcmSecret ?? apnsSecret ?? apnsCertificateSecret ?? pinpointAppId;
  return push === "none" || named !== undefined ? {} : LOCAL_CREDENTIALS;
}
