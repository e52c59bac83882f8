/**
 * `npm run simulate -- --seed 1 --calls 1000 --faults heavy`: runs of the model, one seed after the other, until so many calls were
 * made. A violation ends it, with the seed, the command that replays it, and the shortest timeline that still shows it.
 */
import { parseArgs } from "node:util";
import { FAULT_LEVELS, type FaultLevel } from "./faults.ts";
import { loadHandlers } from "./handlers.ts";
import { CALLS_A_RUN } from "./plan.ts";
import { written } from "./timeline.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    calls: { type: "string", default: "1000" },
    faults: { type: "string", default: "heavy" },
    /** Numbers of the only faults and acts that happen: a replay of what was made smaller. */
    "only-faults": { type: "string" },
    "only-acts": { type: "string" },
    /** Prints every event of the first run. */
    timeline: { type: "boolean", default: false },
  },
});

const level = FAULT_LEVELS.find((one) => one === values.faults);
if (!level) throw new Error(`--faults: expected one of ${FAULT_LEVELS.join(", ")}`);
const numbers = (text: string | undefined): ReadonlySet<number> | undefined =>
  text === undefined ? undefined : new Set(text.split(",").filter(Boolean).map(Number));

process.exitCode = await playModel(level);

async function playModel(faults: FaultLevel): Promise<number> {
  const handlers = await loadHandlers();
  // They read the environment when they load.
  const { simulate } = await import("./series.ts");
  const result = await simulate({
    handlers,
    faults,
    seed: Number(values.seed),
    calls: Number(values.calls),
    onlyFaults: numbers(values["only-faults"]),
    onlyActs: numbers(values["only-acts"]),
    onProgress: (line) => console.log(line),
  });
  if (values.timeline) for (const told of result.first?.told ?? []) console.log(written(told));
  console.log(result.summary);
  if (!result.failure) return 0;
  const { seed, shrunk } = result.failure;
  for (const told of shrunk.report.told) console.log(written(told));
  for (const { rule, text, callId } of shrunk.report.violations)
    console.log(`${rule} ${text} ${callId ?? ""}`);
  console.log(`replay: npm run simulate -- --seed ${seed} --calls ${CALLS_A_RUN} --faults ${faults}`);
  console.log(
    `smaller: npm run simulate -- --timeline --seed ${seed} --calls ${CALLS_A_RUN} --faults ${faults}` +
      ` --only-acts ${[...shrunk.onlyActs].join(",")} --only-faults ${[...shrunk.onlyFaults].join(",")}`,
  );
  return 1;
}
