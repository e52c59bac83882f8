/** The synthesized stack in virtual time, with the ready-made people, for benches that play calls. */
import { type Clock, virtualClock } from "../packages/local-aws/src/clock.ts";
import { createPeople } from "../local/people.ts";
import { type Runtime, startRuntime } from "../packages/local-aws/src/runtime.ts";
import { synthesize } from "../local/synthesize.ts";

/** The first run of keep-stages is over after this time. */
const POOL_FILLS_MS = 30_000;

export interface Stack extends Disposable {
  readonly runtime: Runtime;
  readonly clock: Clock;
}

/** Quotas that AWS raises on request, which are not the subject of a bench of many calls. */
const IVS_QUOTAS = { stages: 200_000, publishers: 200_000 };

export async function openStack(context: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const { directory: assembly } = await synthesize({ context });
  const clock = virtualClock();
  const runtime = await startRuntime({ assembly, clock, lazyFunctions: true, ivsQuotas: IVS_QUOTAS });
  await createPeople(runtime);
  await clock.advance(POOL_FILLS_MS);
  return {
    runtime,
    clock,
    [Symbol.dispose]() {
      runtime.stop();
      clock.dispose();
    },
  };
}

/** Stops the schedules from now on, because they run without any call. */
export function stillSchedules({ runtime: { localAws } }: Pick<Stack, "runtime">): void {
  localAws.interfere({
    service: "lambda",
    operation: "Invoke",
    where: ({ caller }) => caller.kind === "role" && caller.arn.includes("schedule"),
    times: Number.POSITIVE_INFINITY,
    fault: async () => ({ StatusCode: 202, Payload: null }),
  });
}
