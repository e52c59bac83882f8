/** Imports go one way: the table that the root README and each folder's README describe. */
import { posix } from "node:path";
import { expect, test } from "vitest";
import { sourcesIn, textOf, withoutComments } from "./tree.ts";

interface Allowed {
  readonly folders: readonly string[];
  /** Of these, types only: nothing of them runs here. */
  readonly typesOf?: readonly string[];
  /** Packages and modules of Node. */
  readonly packages: RegExp;
}

const OF_NODE = "node:.+";
const OF_FUNCTIONS = `zod/mini|zod/v4/locales/en.js|${OF_NODE}|aws-lambda|@aws-lambda-powertools/(logger|metrics)`;
const OF_AWS = `${OF_FUNCTIONS}|@aws-sdk/.+|google-auth-library|jose`;
const exactly = (packages: string): RegExp => new RegExp(`^(${packages})$`);
const ANYTHING = /./;

/** The only folders that talk to other services, and so import their SDKs. */
const AT_AWS = ["store", "push", "media", "clients", "edge"].map((concern) => `handlers/${concern}`);
/** All of the contract that the stack may know. */
const ROUTES = "api/routes.ts";
/** Keys and indexes: spelled here for all sides, so it imports nothing that runs. */
const TABLES = "handlers/store/tables.ts";
/** Metrics that functions emit, and where pushes go: the stack names no others. */
const NAMED = ["handlers/edge/metric-name.ts", "handlers/push/port.ts", "handlers/media/providers.ts"];
/** Names of variables: functions read no others, and the stack sets no others. */
const VARIABLES = ["edge", "media/ivs", "media/livekit", "push/direct", "push/pinpoint"].map(
  (folder) => `handlers/${folder}/environment.ts`,
);
/** A media provider is known to the functions that are its own, and to the two files that give its parts to the others. */
const IVS = "handlers/media/ivs";
const PROVIDER = ["handlers/media/provider.ts", "handlers/media/joining.ts"];
/** Of IVS: what it allows, and the pool's records, which the console shows. */
const QUOTAS = `${IVS}/quotas.ts`;
const POOL = `${IVS}/pool/stage-pool.ts`;
const CONCERNS = [...AT_AWS, ...NAMED, ...VARIABLES, ...PROVIDER, "handlers/rest", "handlers/call"];
const HANDLERS = [TABLES, "api", "calls", "events", "people", ...CONCERNS];
const OF_IVS = [IVS, QUOTAS, POOL];
const LIVEKIT = "handlers/media/livekit";
/** Of LiveKit: its pace, and the name of its event, which the stack's rules match. */
const LIVEKIT_NAMES = [`${LIVEKIT}/quotas.ts`, `${LIVEKIT}/participant-changed.ts`];
const OF_LIVEKIT = [LIVEKIT, ...LIVEKIT_NAMES];
/** What is stored has schemas of its own: a change of the contract must not need a migration. */
const STORING = HANDLERS.filter((folder) => folder !== "api");

/** The longest folder that a file is in says what it may import, beside that folder itself. */
const table: Readonly<Record<string, Allowed>> = {
  events: { folders: [], packages: exactly("zod/mini") },
  calls: { folders: ["events"], packages: exactly("zod/mini") },
  api: { folders: ["calls", "events"], packages: exactly(`zod/mini|${OF_NODE}`) },
  [ROUTES]: { folders: ["api"], packages: exactly("") },
  workflows: { folders: ["calls", "events", TABLES], packages: exactly(OF_NODE) },
  handlers: { folders: [...HANDLERS, ...OF_IVS, ...OF_LIVEKIT], packages: exactly(OF_FUNCTIONS) },
  "handlers/rest": { folders: HANDLERS, packages: exactly(OF_FUNCTIONS) },
  "handlers/call": { folders: HANDLERS, packages: exactly(OF_FUNCTIONS) },
  ...Object.fromEntries(AT_AWS.map((folder) => [folder, { folders: HANDLERS, packages: exactly(OF_AWS) }])),
  "handlers/store": { folders: STORING, packages: exactly(OF_AWS) },
  "handlers/media": { folders: STORING, packages: exactly(OF_AWS) },
  ...Object.fromEntries(
    PROVIDER.map((file) => [file, { folders: [...HANDLERS, ...OF_IVS], packages: exactly("") }]),
  ),
  ...Object.fromEntries(NAMED.map((file) => [file, { folders: ["calls", "events"], packages: exactly("") }])),
  [IVS]: { folders: [...STORING, ...OF_IVS], packages: exactly(OF_AWS) },
  [LIVEKIT]: { folders: [...STORING, ...OF_LIVEKIT], packages: exactly(OF_AWS) },
  ...Object.fromEntries(LIVEKIT_NAMES.map((file) => [file, { folders: [], packages: exactly("") }])),
  [QUOTAS]: { folders: [], packages: exactly("") },
  [POOL]: { folders: ["calls", IVS, QUOTAS], packages: exactly("zod/mini") },
  [TABLES]: { folders: [], typesOf: ["calls"], packages: exactly("") },
  ...Object.fromEntries(
    VARIABLES.map((file) => [
      file,
      { folders: ["calls", QUOTAS, ...NAMED, ...VARIABLES], packages: exactly(OF_FUNCTIONS) },
    ]),
  ),
  people: { folders: [TABLES], packages: exactly("@aws-appsync/utils") },
  infra: {
    folders: ["workflows", "events", "calls", ROUTES, "people", TABLES, QUOTAS, ...LIVEKIT_NAMES, ...NAMED],
    typesOf: VARIABLES,
    packages: exactly(`${OF_NODE}|aws-cdk-lib(/.+)?|constructs|cdk-nag|esbuild`),
  },
  "packages/local-aws/src": { folders: [], packages: ANYTHING },
  // For browsers, React Native and Node alike: it brings nothing along.
  "packages/client/src": { folders: [], packages: exactly("react") },
  local: {
    folders: [
      "packages/local-aws/src",
      "calls",
      "events",
      "workflows",
      "handlers",
      ...CONCERNS,
      TABLES,
      "infra",
      "people",
      "tools/console",
    ],
    packages: ANYTHING,
  },
  "tools/console": {
    folders: ["calls", "events", "people", TABLES, POOL],
    packages: exactly(`zod|zod/mini|node:(fs|path)|@aws-sdk/.+`),
  },
  web: {
    folders: ["packages/client/src", "events", "calls", "people", "tools/console"],
    typesOf: ["api"],
    packages: ANYTHING,
  },
};
const folders = Object.keys(table).toSorted((one, other) => other.length - one.length);
const folderOf = (path: string): string | undefined =>
  folders.find((folder) => path === folder || path.startsWith(`${folder}/`));

interface Import {
  readonly name: string;
  readonly isType: boolean;
}
const IMPORTED = /\b(?:(?:import|export)\s+(type\s)?[^;"]*?\bfrom|import)\s*\(?\s*"([^"]+)"/g;
const importsIn = (text: string): Import[] =>
  [...withoutComments(text).matchAll(IMPORTED)].map(([, type, name = ""]) => ({
    name,
    isType: type !== undefined,
  }));

/** What a file imports and should not. */
function strangers(path: string, text: string): string[] {
  const folder = folderOf(path) ?? "";
  const allowed = table[folder];
  const found = importsIn(text).filter(({ name, isType }) => {
    if (name === "../cdk.json") return folder !== "infra";
    if (!name.startsWith(".")) return !allowed?.packages.test(name);
    const target = folderOf(posix.join(posix.dirname(path), name)) ?? "elsewhere";
    const isAllowed = allowed?.folders.includes(target) || (isType && allowed?.typesOf?.includes(target));
    return target !== folder && !isAllowed;
  });
  return found.map(({ name }) => name);
}

test("no file imports what its folder may not", () => {
  const sources = sourcesIn(...folders);
  expect(sources.length).toBeGreaterThan(80);
  const found = sources.flatMap((path) => strangers(path, textOf(path)).map((name) => `${path}: ${name}`));
  expect(found).toEqual([]);
});

test.each([
  ["events/x.ts", 'import { legOf } from "../calls/call.ts";'],
  ["calls/x.ts", 'import { edge } from "../handlers/edge/handler.ts";'],
  ["calls/x.ts", 'import { createHash } from "node:crypto";'],
  ["handlers/x.ts", 'const sdk = await import("@aws-sdk/client-sfn");'],
  ["handlers/rest/x.ts", 'import {\n  SFNClient,\n} from "@aws-sdk/client-sfn";'],
  ["people/rules/x.ts", 'import { legOf } from "../../calls/call.ts";'],
  ["people/resolvers/x.ts", 'import * as z from "zod";'],
  ["people/resolvers/x.ts", 'import { callStore } from "../../handlers/store/call-store.ts";'],
  ["handlers/store/tables.ts", 'import { callSchema } from "../../calls/call.ts";'],
  ["infra/x.ts", 'import "../handlers/edge/handler.ts";'],
  ["infra/x.ts", 'import { readEnvironment } from "../handlers/edge/environment.ts";'],
  ["local/x.ts", 'export { page } from "../web/page.ts";'],
  ["tools/console/x.ts", 'import { callStore } from "../../handlers/store/call-store.ts";'],
  ["calls/x.ts", 'import type { Action } from "../api/commands.ts";'],
  ["calls/history.ts", 'import { pastCallSchema } from "../api/replies.ts";'],
  ["handlers/store/x.ts", 'import { pastCallSchema } from "../../api/replies.ts";'],
  ["handlers/media/ivs/pool/x.ts", 'import { callViewSchema } from "../../../../api/call-view.ts";'],
  ["infra/x.ts", 'import { commands } from "../api/commands.ts";'],
  ["web/x.ts", 'import { commands } from "../api/commands.ts";'],
  ["packages/client/src/x.ts", 'import type { Action } from "../../../api/commands.ts";'],
  ["packages/client/src/x.ts", 'import { readFileSync } from "node:fs";'],
  ["calls/x.ts", 'import type { Stage } from "../handlers/media/ivs/stage.ts";'],
  ["infra/x.ts", 'import { newStage } from "../handlers/media/ivs/pool/stage-pool.ts";'],
  ["workflows/x.ts", 'import type { Call } from "../packages/local-aws/src/local-aws.ts";'],
])("a stranger in %s is found: %j", (path, text) => {
  expect(strangers(path, text)).toHaveLength(1);
});

test.each(["rest", "call", "store", "push", "clients", "media"])(
  "handlers/%s knows of no media provider in particular",
  (concern) => {
    const text = 'import { stageStore } from "../media/ivs/pool/stage-store.ts";';
    expect(strangers(`handlers/${concern}/x.ts`, text)).toHaveLength(1);
  },
);

/** The files that are left when all that import none of the others are taken away, again and again: circles, and what leads there. */
function entangled(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const left = new Map(imports);
  for (;;) {
    const free = [...left].filter(([, others]) => !others.some((other) => left.has(other)));
    if (free.length === 0) return [...left.keys()];
    for (const [path] of free) left.delete(path);
  }
}

test("no files import each other in a circle, types included", () => {
  const sources = sourcesIn(...folders, "packages", "bench", "test");
  const imports = sources.map((path) => {
    const relatives = importsIn(textOf(path)).filter(({ name }) => name.startsWith("."));
    return [path, relatives.map(({ name }) => posix.join(posix.dirname(path), name))] as const;
  });
  expect(entangled(new Map(imports))).toEqual([]);
});

test("a circle is found by what leads into it", () => {
  const imports = { "a.ts": ["b.ts"], "b.ts": ["c.ts", "d.ts"], "c.ts": ["b.ts"], "d.ts": [] };
  expect(entangled(new Map(Object.entries(imports)))).toEqual(["a.ts", "b.ts", "c.ts"]);
});

test("tests that run the synthesized stack import what it is made from: a change of a source selects them", () => {
  const running = sourcesIn("test").filter((path) => /\binject\("assembly"\)/.test(textOf(path)));
  expect(running.length).toBeGreaterThan(5);
  const following = /\/(stack-sources|page-sources|programs|stack|world)\.ts$/;
  expect(running.filter((path) => !importsIn(textOf(path)).some(({ name }) => following.test(name)))).toEqual(
    [],
  );
});
