/**
 * The children of a Map Run: begun while there is room, counted when they end.
 *
 * C1 At most MaxConcurrency at once, 10,000 without it, and at most AWS's rate of starts a second.
 * C2 A redrive begins with the children that did not succeed, then goes on with the items that never began.
 */
import type { Clock } from "../../clock.ts";
import type { ChildInput, Counts, MapRun } from "../map-runs.ts";
import { newId } from "../randomness.ts";
import { aborted, statusOf, type Execution } from "./execution.ts";
import { StateError } from "./state-error.ts";
import { startTimer } from "./timer.ts";
import type { Engine, Visit } from "./visit.ts";

/** Children of one Map Run that AWS runs at once. */
const MOST_AT_ONCE = 10_000;
/** Children that AWS starts in a second. */
const STARTS_PER_SECOND = { EXPRESS: 1_000, STANDARD: 100 };
/** Express children that have succeeded can be listed as long as there are not more of them. */
const MOST_REMEMBERED = 1_000;

const COUNTED = {
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  TIMED_OUT: "timedOut",
  ABORTED: "aborted",
} as const;

interface Children {
  readonly engine: Engine;
  readonly run: MapRun;
  /** What did not succeed before a redrive. */
  readonly again: [number, Execution][];
  /** What never began. */
  readonly inputs: AsyncIterator<ChildInput>;
  isRead: boolean;
  onEnd: () => void;
}

/** Resolves when all have ended; rejects when too many have failed, or when the execution is over. */
export async function runChildren({ scope }: Visit, run: MapRun): Promise<void> {
  const children = await openChildren(scope.engine, run);
  const { clock } = scope.engine.localAws;
  const pace = createPace(clock, STARTS_PER_SECOND[run.machine.type]);
  const wake = (): void => children.onEnd();
  scope.signal.addEventListener("abort", wake, { once: true });
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => (children.onEnd = resolve));
      scope.signal.throwIfAborted();
      refuseFailures(run);
      await run.results.writeFull(run.arn);
      const most = Math.min(run.limits.maxConcurrency || MOST_AT_ONCE, MOST_AT_ONCE);
      if (run.running.size < most && (await beginNext(children, scope.signal))) await pace();
      else if (run.running.size > 0) await changed;
      else if (children.isRead && children.again.length === 0) return;
    }
  } finally {
    scope.signal.removeEventListener("abort", wake);
  }
}

async function openChildren(engine: Engine, run: MapRun): Promise<Children> {
  const again = [...run.unsuccessful];
  run.unsuccessful.clear();
  for (const [, child] of again) change(run, child, COUNTED[statusOf(child)], -1);
  const inputs = await unbegun(run);
  return { engine, run, again, inputs, isRead: false, onEnd: () => undefined };
}

async function unbegun(run: MapRun): Promise<AsyncIterator<ChildInput>> {
  const inputs = run.openInputs();
  for (let passed = 0; passed < run.begun; passed += 1) await inputs.next();
  return inputs;
}

/** False if there is nothing left to begin. */
async function beginNext(children: Children, signal: AbortSignal): Promise<boolean> {
  const { engine, run, again, inputs } = children;
  const repeated = again.shift();
  if (repeated) {
    const [index, child] = repeated;
    follow(children, index, startAgain(engine, run, child));
    return true;
  }
  if (children.isRead) return false;
  const next = await inputs.next();
  signal.throwIfAborted();
  if (next.done) {
    children.isRead = true;
    return false;
  }
  const { input, itemCount } = next.value;
  const index = run.begun++;
  follow(children, index, start(engine, run, { inputText: JSON.stringify(input), itemCount }));
  return true;
}

interface NewChild {
  readonly inputText: string;
  readonly itemCount: number;
}

function start({ executions }: Engine, { machine, arn }: MapRun, { inputText, itemCount }: NewChild) {
  return executions.start({ machine, name: newId(), inputText, mapRun: { arn, itemCount } });
}

/** Standard children are redriven, Express ones start anew. */
function startAgain(engine: Engine, run: MapRun, child: Execution): Execution {
  if (run.machine.type === "EXPRESS") {
    return start(engine, run, { inputText: child.inputText, itemCount: child.mapRun?.itemCount ?? 1 });
  }
  engine.executions.redrive(child);
  return child;
}

function follow(children: Children, index: number, child: Execution): void {
  const { run } = children;
  run.running.set(index, child);
  change(run, child, "running", 1);
  const end = (): void => {
    const status = statusOf(child);
    run.running.delete(index);
    change(run, child, "running", -1);
    change(run, child, COUNTED[status], 1);
    if (status === "SUCCEEDED") run.results.add(index, child);
    else run.unsuccessful.set(index, child);
    forgetSome(run);
    children.onEnd();
  };
  child.signal.addEventListener("abort", end, { once: true });
}

function change(run: MapRun, child: Execution, status: keyof Counts, by: 1 | -1): void {
  run.executions[status] += by;
  run.items[status] += by * (child.mapRun?.itemCount ?? 1);
}

/** Of millions of Express children only the last ones stay in memory. */
function forgetSome({ machine }: MapRun): void {
  const { executions, byName, type } = machine;
  if (type !== "EXPRESS" || executions.length < 2 * MOST_REMEMBERED) return;
  const old = executions.slice(0, MOST_REMEMBERED).filter((each) => statusOf(each) === "SUCCEEDED");
  const forgotten = new Set(old);
  const kept = executions.filter((each) => !forgotten.has(each));
  executions.splice(0, executions.length, ...kept);
  for (const { name } of old) byName.delete(name);
}

/** Throws once more items have failed than are tolerated. */
function refuseFailures({ items, limits }: MapRun): void {
  const failed = items.failed + items.timedOut + items.aborted;
  const share = (items.total * limits.toleratedFailurePercentage) / 100;
  if (failed <= Math.max(limits.toleratedFailureCount, share)) return;
  throw new StateError(
    "States.ExceedToleratedFailureThreshold",
    "The specified tolerated failure threshold was exceeded",
  );
}

/** Waits for the next second once this second's starts are spent. */
function createPace(clock: Clock, most: number): () => Promise<void> {
  let sinceMs = clock.now();
  let started = 0;
  return async () => {
    started += 1;
    if (started < most) return;
    const restMs = sinceMs + 1_000 - clock.now();
    if (restMs > 0) await new Promise<void>((resolve) => startTimer(clock, restMs, resolve));
    sinceMs = clock.now();
    started = 0;
  };
}

export function stopChildren({ running }: MapRun): void {
  for (const child of running.values()) child.end(aborted({}));
}

/** Tells the results of what did not succeed, and of what never began. */
export async function tellUnsuccessful(run: MapRun): Promise<void> {
  for (const [index, child] of run.unsuccessful) run.results.add(index, child);
  if (run.begun > 0 && run.items.total === itemsBegun(run)) return;
  const inputs = await unbegun(run);
  for (let next = await inputs.next(); !next.done; next = await inputs.next()) {
    run.results.addPending(next.value.input);
    await run.results.writeFull(run.arn);
  }
}

const itemsBegun = ({ items }: MapRun): number =>
  items.running + items.succeeded + items.failed + items.timedOut + items.aborted;
