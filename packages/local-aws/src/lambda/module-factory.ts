/**
 * A bundle that is compiled once in this process and evaluated for each function that runs it: compiling takes most of an import's
 * time, and a runtime that starts anew, as each test's does, wants new instances.
 *
 * F1 Each call of the factory evaluates the whole bundle, so no instance knows another's state. Chunks that it imports are
 *    modules of the process, as they are for a plain import.
 * F2 The bundle's text is not changed but for where it says what it imports and exports.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { init, parse } from "es-module-lexer";

export type Evaluate = () => Promise<Record<string, unknown>>;

const QUERY = "?factory";
/** How esbuild ends a bundle: its exports, then licences of what it holds. */
const EXPORTS = /export\s*\{(?<names>[^{}]*)\};?(?<rest>(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*)$/;

let areHooksThere = false;
const factories = new Map<string, Promise<Evaluate | undefined>>();

/** Undefined for a module in another form than esbuild's: that one can only be imported. */
export function moduleFactory(url: string): Promise<Evaluate | undefined> {
  const known = factories.get(url) ?? load(url);
  factories.set(url, known);
  return known;
}

async function load(url: string): Promise<Evaluate | undefined> {
  if (!EXPORTS.test(readFileSync(fileURLToPath(url), "utf8"))) return undefined;
  await init;
  if (!areHooksThere) registerHooks({ load: loadFactory });
  areHooksThere = true;
  const { default: evaluate } = (await import(url + QUERY)) as { default?: Evaluate };
  return evaluate;
}

const loadFactory: Parameters<typeof registerHooks>[0]["load"] = (url, context, next) => {
  if (!url.endsWith(QUERY)) return next(url, context);
  const { source, ...loaded } = next(url.slice(0, -QUERY.length), context);
  const text = typeof source === "string" ? source : new TextDecoder().decode(source);
  return { ...loaded, source: asFactory(text) };
};

/** Imports stay where modules have them; everything else becomes the body of a function that returns the exports. */
function asFactory(source: string): string {
  const exported = EXPORTS.exec(source);
  if (!exported) throw new Error("the bundle does not end with its exports");
  const imports: string[] = [];
  let body = "";
  let at = 0;
  for (const { d: dynamicAt, ss: start, se: end } of parse(source)[0]) {
    if (dynamicAt !== -1) continue;
    imports.push(source.slice(start, end));
    body += source.slice(at, start);
    at = end;
  }
  body += source.slice(at, exported.index);
  const members = (exported.groups?.["names"] ?? "").split(",").map(asMember).join();
  return `${imports.join(";")};export default async()=>{${body}\nreturn{${members}}}`;
}

/** `local as name`, or a name alone. */
function asMember(text: string): string {
  const [local = "", name = local] = text.trim().split(/\s+as\s+/);
  return `${name}:${local}`;
}
