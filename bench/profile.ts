/** The CPU time of this process by part: a package, a folder of the project, the functions' bundles, Node itself. */
import { type Profiler, Session } from "node:inspector/promises";

const SAMPLE_MICROSECONDS = 500;

export interface Profile {
  /** Ends the profile. Returns its most expensive parts, one per line. */
  table(rows: number): Promise<string>;
}

export async function startProfile(): Promise<Profile> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_MICROSECONDS });
  await session.post("Profiler.start");
  return {
    async table(rows) {
      const { profile } = await session.post("Profiler.stop");
      session.disconnect();
      const parts = [...microsecondsByPart(profile)].toSorted(([, one], [, other]) => other - one);
      const total = parts.reduce((sum, [, microseconds]) => sum + microseconds, 0);
      return parts
        .slice(0, rows)
        .map(([part, microseconds]) => `${((100 * microseconds) / total).toFixed(1).padStart(5)} %  ${part}`)
        .join("\n");
    },
  };
}

function microsecondsByPart({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<string, number> {
  const partOf = new Map<number, string>();
  const name = (node: Profiler.ProfileNode, caller: string): void => {
    const part = partNamed(node.callFrame) ?? caller;
    partOf.set(node.id, part);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child) name(child, part);
    }
  };
  const byId = new Map(nodes.map((node) => [node.id, node]));
  if (nodes[0]) name(nodes[0], "V8");
  const parts = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const part = partOf.get(id) ?? "V8";
    if (part !== "idle") parts.set(part, (parts.get(part) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return parts;
}

/** Undefined for native code, whose time counts for its caller. */
function partNamed({ url, functionName }: Profiler.ProfileNode["callFrame"]): string | undefined {
  if (functionName === "(idle)") return "idle";
  if (functionName === "(garbage collector)") return "garbage collection";
  if (functionName === "(program)") return "V8";
  if (url.startsWith("node:")) return `node:${/^node:(?:internal\/)?([^/]+)/.exec(url)?.[1]}`;
  const packageName = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (packageName) return packageName;
  if (/\/asset\.[0-9a-f]+\//.test(url)) return "functions' bundles, the AWS SDK among them";
  return /\/(local\/[^/]+|bench)\//.exec(url)?.[1];
}
