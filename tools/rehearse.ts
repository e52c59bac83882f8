/**
 * Deploys the unchanged template to an emulator of AWS, plays a call on it, and names what the emulator lacks:
 *   npm run rehearse -- --endpoint http://127.0.0.1:4566 [--region us-east-1] [-c key=value …]
 * Exit code 0: the whole call was played; 1: the emulator lacks something; 2: wrong options, or no emulator.
 */
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { synthesize } from "../local/synthesize.ts";
import { readDeployment } from "./doctor/deployment.ts";
import { deploy } from "./rehearse/deploy.ts";
import { requireEndpoint } from "./connection.ts";
import { openEmulator, type Waiting } from "./rehearse/emulator.ts";
import { playCall } from "./rehearse/play-call.ts";
import { createSteps, type Step } from "./rehearse/steps.ts";
import { settingOf } from "./settings.ts";
import { troubleOf } from "./trouble.ts";

const USAGE = "npm run rehearse -- --endpoint http://127.0.0.1:4566 [--region us-east-1] [-c key=value …]";

export interface RehearseOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly context: Readonly<Record<string, string>>;
}

export function readOptions(args: string[]): RehearseOptions {
  const { values } = parseArgs({
    args,
    options: {
      endpoint: { type: "string" },
      region: { type: "string", default: "us-east-1" },
      context: { type: "string", short: "c", multiple: true, default: [] },
    },
  });
  const { endpoint = "", region, context } = values;
  requireEndpoint("--endpoint", endpoint);
  // It makes users with a published password.
  if (/\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname))
    throw new Error("--endpoint: a rehearsal needs an emulator, and this is AWS itself");
  return { endpoint, region, context: Object.fromEntries(context.map(settingOf)) };
}

export interface Rehearsal {
  readonly waiting: Waiting;
  readonly print: (line: string) => void;
  /** The cloud assembly. */
  readonly directory: string;
}

export async function rehearse(
  { endpoint, region }: Pick<RehearseOptions, "endpoint" | "region">,
  { waiting, print, directory }: Rehearsal,
): Promise<readonly Step[]> {
  const emulator = await openEmulator(endpoint, region, waiting);
  const steps = createSteps(print);
  const { stackName, bootstrap } = readDeployment(directory);
  print(`Stack ${stackName} on ${endpoint}, account ${emulator.account}, ${region}`);
  const assembly = { directory, stackName, bootstrapParameter: bootstrap.parameter };
  await playCall(emulator, await deploy(emulator, assembly, steps), steps);
  print(verdictOf(steps.played));
  return steps.played;
}

function verdictOf(played: readonly Step[]): string {
  const lacks = played.filter(({ outcome }) => outcome === "lacks").length;
  if (lacks === 0) return "The whole call was played.";
  return `The emulator lacks what ${lacks === 1 ? "1 step needs" : `${lacks} steps need`}: its own words are above.`;
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const { directory } = await synthesize({ context: options.context });
  const played = await rehearse(options, {
    waiting: { now: () => Date.now(), pause },
    print: (line) => void process.stdout.write(`${line}\n`),
    directory,
  });
  return played.every(({ outcome }) => outcome === "done") ? 0 : 1;
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    process.stderr.write(`${troubleOf(error)}\n${USAGE}\n`);
    return 2;
  });
}
