/** Imports go one way: the table that the root README and each folder's README describe. */
import { posix } from "node:path";
import { expect, test } from "vitest";
import { sourcesIn, textOf, withoutComments } from "./tree.ts";

interface Allowed {
  readonly folders: readonly string[];
  /** Packages and modules of Node. */
  readonly packages: RegExp;
}

const OF_NODE = "node:.+";
const OF_FUNCTIONS = `zod/mini|zod/v4/locales/en.js|${OF_NODE}|aws-lambda|@aws-lambda-powertools/(logger|metrics)`;
const exactly = (packages: string): RegExp => new RegExp(`^(${packages})$`);
const ANYTHING = /./;

/** The longest folder that a file is in says what it may import, beside that folder itself. */
const table: Readonly<Record<string, Allowed>> = {
  events: { folders: [], packages: exactly("zod/mini") },
  calls: { folders: ["events"], packages: exactly("zod/mini") },
  workflows: { folders: ["calls", "events"], packages: exactly(OF_NODE) },
  handlers: { folders: ["calls", "events", "people", "handlers/adapters"], packages: exactly(OF_FUNCTIONS) },
  "handlers/adapters": {
    folders: ["calls", "events", "people", "handlers"],
    packages: exactly(`${OF_FUNCTIONS}|@aws-sdk/.+|google-auth-library|jose`),
  },
  people: { folders: [], packages: exactly("@aws-appsync/utils") },
  infra: {
    folders: ["workflows", "events", "calls", "people"],
    packages: exactly(`${OF_NODE}|aws-cdk-lib(/.+)?|constructs|cdk-nag|esbuild`),
  },
  "packages/local-aws/src": { folders: [], packages: ANYTHING },
  local: {
    folders: [
      "packages/local-aws/src",
      "calls",
      "events",
      "workflows",
      "handlers",
      "handlers/adapters",
      "infra",
      "people",
      "tools/console",
    ],
    packages: ANYTHING,
  },
  "tools/console": {
    folders: ["calls", "events", "people"],
    packages: exactly(`zod|zod/mini|node:(fs|path)|@aws-sdk/.+`),
  },
  web: { folders: ["events", "calls", "people", "tools/console"], packages: ANYTHING },
};
const folders = Object.keys(table).toSorted((one, other) => other.length - one.length);
const folderOf = (path: string): string | undefined =>
  folders.find((folder) => path.startsWith(`${folder}/`));

const importsIn = (text: string): string[] =>
  [...withoutComments(text).matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, name = ""]) => name);

/** What a file imports and should not. */
function strangers(path: string, text: string): string[] {
  const folder = folderOf(path) ?? "";
  const allowed = table[folder];
  return importsIn(text).filter((name) => {
    if (name === "../cdk.json") return folder !== "infra";
    if (!name.startsWith(".")) return !allowed?.packages.test(name);
    const target = folderOf(posix.join(posix.dirname(path), name)) ?? "elsewhere";
    return target !== folder && !allowed?.folders.includes(target);
  });
}

test("no file imports what its folder may not", () => {
  const sources = sourcesIn(...folders);
  expect(sources.length).toBeGreaterThan(80);
  const found = sources.flatMap((path) => strangers(path, textOf(path)).map((name) => `${path}: ${name}`));
  expect(found).toEqual([]);
});

test.each([
  ["events/x.ts", 'import { legOf } from "../calls/call.ts";'],
  ["calls/x.ts", 'import { edge } from "../handlers/handler.ts";'],
  ["calls/x.ts", 'import { createHash } from "node:crypto";'],
  ["handlers/x.ts", 'const sdk = await import("@aws-sdk/client-sfn");'],
  ["handlers/commands/x.ts", 'import {\n  SFNClient,\n} from "@aws-sdk/client-sfn";'],
  ["people/rules/x.ts", 'import { legOf } from "../../calls/call.ts";'],
  ["people/resolvers/x.ts", 'import * as z from "zod";'],
  ["infra/x.ts", 'import "../handlers/handler.ts";'],
  ["local/x.ts", 'export { page } from "../web/page.ts";'],
  ["tools/console/x.ts", 'import { callStore } from "../../handlers/adapters/call-store.ts";'],
  ["workflows/x.ts", 'import type { Call } from "../packages/local-aws/src/door.ts";'],
])("a stranger in %s is found: %j", (path, text) => {
  expect(strangers(path, text)).toHaveLength(1);
});

test("tests that run the synthesized stack import what it is made from: a change of a source selects them", () => {
  const running = sourcesIn("test").filter((path) => /\binject\("assembly"\)/.test(textOf(path)));
  expect(running.length).toBeGreaterThan(5);
  const following = /\/(stack-sources|page-sources|programs|stack|world)\.ts$/;
  expect(running.filter((path) => !importsIn(textOf(path)).some((name) => following.test(name)))).toEqual([]);
});
