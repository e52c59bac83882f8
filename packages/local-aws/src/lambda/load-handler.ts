/** Loads a function's bundle as a module instance of its own, with its own environment. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { moduleFactory } from "./module-factory.ts";
import { runningFunction, type RunningFunction } from "./running-function.ts";

export type Handler = (event: unknown, context: unknown) => unknown;

export interface HandlerSource {
  readonly codePath: string;
  /** `<file>.<export>`, as the template says. */
  readonly handlerName: string;
}

let instances = 0;
/** One import at a time: a module's start-up belongs to one function. */
let importing: Promise<unknown> = Promise.resolve();

export function loadHandler(running: RunningFunction, source: HandlerSource): Promise<Handler> {
  const loaded = importing.then(() => runningFunction.run(running, () => importHandler(running, source)));
  importing = loaded.catch(() => undefined);
  return loaded;
}

async function importHandler(running: RunningFunction, { codePath, handlerName }: HandlerSource) {
  const dot = handlerName.lastIndexOf(".");
  const file = fileOf(join(codePath, handlerName.slice(0, dot)));
  const exported = handlerName.slice(dot + 1);
  try {
    const module = await instanceOf(pathToFileURL(file).href, running.functionName);
    const handler = module[exported];
    if (typeof handler !== "function") throw new Error(`it does not export a function named "${exported}"`);
    return handler as Handler;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`function ${running.functionName} does not load: ${why}`, { cause });
  }
}

async function instanceOf(url: string, functionName: string): Promise<Record<string, unknown>> {
  const evaluate = await moduleFactory(url);
  if (evaluate) return evaluate();
  // A query makes a new instance.
  return (await import(`${url}?fn=${functionName}-${(instances += 1)}`)) as Record<string, unknown>;
}

function fileOf(path: string): string {
  const found = [`${path}.mjs`, `${path}.js`].find((candidate) => existsSync(candidate));
  if (!found) throw new Error(`no code at ${path}.mjs`);
  return found;
}
