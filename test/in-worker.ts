/** What each worker does around a test file: it gives way to tests in real time, and counts the processor time of the file. */
import { readFileSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";
import { afterAll, inject } from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** Of this process and of those it has waited for. */
    cpuSeconds?: number;
  }
}

// A phone in a browser has to answer while it rings; in virtual time nothing comes too late.
if (inject("pace") === "virtual") {
  setPriority(Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
}

const before = cpuSeconds();
// oxlint-disable-next-line no-empty-pattern -- the runner demands that fixtures are destructured
afterAll(({}, { file }) => {
  file.meta.cpuSeconds = cpuSeconds() - before;
});

/** Linux knows the time of ended children too, in hundredths of a second: proc(5), utime to cstime. */
function cpuSeconds(): number {
  if (process.platform === "linux") {
    const fields = readFileSync("/proc/self/stat", "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
