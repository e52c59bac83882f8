/**
 * Captures what functions write to stdout and stderr. Powertools has a Console of its own on process.stdout, so the
 * streams are wrapped.
 */
import { OVERHEAD_BYTES } from "../logs/log-groups.ts";
import { runningFunction } from "./running-function.ts";

let installed = false;

/** Lines go to local AWS's observers; nothing of them reaches the terminal unless an observer prints it. */
export function captureFunctionLogs(): void {
  if (installed) return;
  installed = true;
  capture(process.stdout);
  capture(process.stderr);
}

function capture(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream);
  const capturing = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const running = runningFunction.getStore();
    if (!running) return (write as (...args: unknown[]) => boolean)(chunk, ...rest);
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    const { localAws, functionName } = running;
    // An observer may print: it must not be taken for the function.
    runningFunction.run(undefined, () => {
      for (const line of text.split("\n")) {
        if (line === "") continue;
        localAws.meter("logs:ingested-byte", Buffer.byteLength(line) + OVERHEAD_BYTES);
        localAws.emit({ kind: "log", functionName, line });
      }
    });
    const written = rest.find((argument) => typeof argument === "function");
    if (written) queueMicrotask(written as () => void);
    return true;
  };
  stream.write = capturing as typeof stream.write;
}
