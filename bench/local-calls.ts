/** `local-call.ts` as a section of the page, in a process of its own, so that its functions are warm and alone. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ratio, type Section, type Size } from "./report/section.ts";

const CALLS = { small: 10, full: 200 } as const;

export async function measure(size: Size): Promise<Section> {
  const program = join(import.meta.dirname, "local-call.ts");
  const args = [...process.execArgv, program, "--calls", String(CALLS[size])];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`local-call.ts ended with exit code ${status}: ${stderr}`);
  const number = (line: string): number => Number(new RegExp(`${line} +([0-9.]+)`).exec(stdout)?.[1]);
  const [callMs, noOpMs, requests] = [number("CPU a call"), number("CPU a no-op"), number("AWS requests")];
  return {
    text: [
      "The template, the bundles and the SDK in one process in virtual time: a call that rings, is answered, lasts and is hung up, as CPU" +
        " time, beside a *no-op*, a request that is refused before it asks AWS for anything.",
    ],
    tables: [
      {
        head: ["", "CPU ms", "Ratio to a no-op", "A second, of one core", "AWS requests"],
        rows: [
          [
            "a call",
            callMs.toFixed(1),
            ratio(callMs, noOpMs),
            (1_000 / callMs).toFixed(1),
            requests.toFixed(1),
          ],
          ["a no-op", noOpMs.toFixed(2), "1.00×", (1_000 / noOpMs).toFixed(0), "0"],
        ],
      },
    ],
  };
}
