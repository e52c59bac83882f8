/** Shared by the demos: a runtime to play on, requests to its API, waiting for facts, and the bill. */
import type { LocalAws, Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Runtime } from "../../packages/local-aws/src/runtime.ts";

const PATIENCE_MS = 5_000;

export interface Play {
  readonly runtime: Runtime;
  readonly api: string;
  readonly print: (text: string) => void;
}

export async function post(api: string, accessToken: string, body: Shape): Promise<Shape> {
  const response = await fetch(api, {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const reply = (await response.json()) as Shape;
  if (!response.ok) throw new Error(`${String(body["action"])} was refused: ${JSON.stringify(reply)}`);
  return reply;
}

export async function within(
  localAws: LocalAws,
  fact: string,
  condition: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  await localAws.clock.until(condition, patienceMs).catch((cause: unknown) => {
    throw new Error(`not within ${patienceMs / 1000} s: ${fact}`, { cause });
  });
}

export function unitsSince(localAws: LocalAws, before: Readonly<Record<string, number>>): string {
  const spent = Object.entries(localAws.units).map(
    ([unit, amount]) => [unit, amount - (before[unit] ?? 0)] as const,
  );
  return spent
    .filter(([, amount]) => amount > 0)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([unit, amount]) => `  ${unit.padEnd(26)} ${Number(amount.toFixed(4))}`)
    .join("\n");
}
