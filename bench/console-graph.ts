/**
 * `npm run bench:console-graph`: how long the console takes to lay out and draw the graph of a workflow, from its facts to the
 * screen of a Chromium, as the median of 20. The budget: 100 ms for 60 states.
 */
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { hasBrowser, launchBrowser } from "../test/browser/browser.ts";

const PAGE = join(import.meta.dirname, "../web/console/views/graph-stopwatch.tsx");
const RUNS = 20;
const BUDGET_MS = 100;
/** A part of a workflow: two tasks, a wait, a choice, two ends. */
const STATES_IN_A_ROUND = 6;

type State = Readonly<Record<string, unknown>>;

const task = (next: string): State => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Catch: [{ ErrorEquals: ["States.ALL"], Next: "Failed" }],
  Next: next,
});

/** A workflow like a call's, repeated: with as many states as wanted, among them `Clean up` and `Failed`. */
function machineOf(states: number): { readonly definition: State; readonly spine: readonly string[] } {
  const rounds = Math.floor((states - 2) / STATES_IN_A_ROUND);
  const spine: string[] = [];
  const all: Record<string, State> = {};
  for (let round = 1; round <= rounds; round += 1) {
    const [asked, told, waited, chosen] = [
      `Ask ${round}`,
      `Tell ${round}`,
      `Wait for ${round}`,
      `How did ${round} end?`,
    ];
    const next = round === rounds ? "Clean up" : `Ask ${round + 1}`;
    spine.push(asked, told, waited, chosen);
    all[asked] = task(told);
    all[told] = task(waited);
    all[waited] = {
      ...task(chosen),
      Resource: "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken",
    };
    const endings = [`Declined ${round}`, `Missed ${round}`];
    all[chosen] = {
      Type: "Choice",
      Choices: [
        { Condition: "{% $on %}", Next: next },
        ...endings.map((Next) => ({ Condition: "{% $no %}", Next })),
      ],
      Default: waited,
    };
    for (const ending of endings) all[ending] = task("Clean up");
  }
  const padded = Object.keys(all).length + 2;
  for (let more = padded; more < states; more += 1) all[`Failed in way ${more}`] = task("Clean up");
  all["Clean up"] = { Type: "Succeed" };
  all["Failed"] = { Type: "Fail", Error: "Failed" };
  return { definition: { StartAt: "Ask 1", States: all }, spine: [...spine, "Clean up"] };
}

/** An execution through all states. */
function historyOf(spine: readonly string[]): object[] {
  const types = spine.flatMap((name) => [
    { type: "TaskStateEntered", details: { name } },
    { type: "TaskStateExited", details: { name } },
  ]);
  return types.map((event, index) => ({
    ...event,
    id: index + 1,
    previousEventId: index,
    atMs: index * 500,
  }));
}

async function medianMs(page: Page, states: number): Promise<number> {
  const { definition, spine } = machineOf(states);
  const run = JSON.stringify({ definition, history: historyOf(spine) });
  const took: number[] = [];
  // The first run compiles.
  for (let index = 0; index <= RUNS; index += 1) took.push(Number(await page.evaluate(`drawingMs(${run})`)));
  return took.slice(1).toSorted((one, other) => one - other)[RUNS / 2] ?? Number.NaN;
}

async function measured(browser: Browser): Promise<number> {
  const built = await build({
    entryPoints: [PAGE],
    bundle: true,
    format: "esm",
    write: false,
    outdir: "/",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".woff2": "empty" },
    minify: true,
  });
  const [script, style] = [".js", ".css"].map(
    (end) => built.outputFiles.find(({ path }) => path.endsWith(end))?.text,
  );
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.setContent(`<!doctype html><style>${style}</style><body>`);
  await page.addScriptTag({ type: "module", content: script ?? "" });
  await page.waitForFunction("globalThis.drawingMs");
  const [of30, of60] = [await medianMs(page, 30), await medianMs(page, 60)];
  console.log(`30 states ${of30.toFixed(1)} ms, 60 states ${of60.toFixed(1)} ms (median of ${RUNS})`);
  console.log(`ratio ${(of60 / of30).toFixed(2)}, budget for 60 states ${BUDGET_MS} ms`);
  return of60;
}

if (hasBrowser()) {
  const browser = await launchBrowser();
  try {
    process.exitCode = (await measured(browser)) <= BUDGET_MS ? 0 : 1;
  } finally {
    await browser.close();
  }
}
