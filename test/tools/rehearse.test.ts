/** A rehearsal on an emulator that supports some operations and lacks others. */
import "../stack-sources.ts";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, inflateRawSync } from "node:zlib";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { type Clock, virtualClock } from "../../packages/local-aws/src/clock.ts";
import { freePort } from "../../packages/local-aws/src/listener.ts";
import { type Runtime, startRuntime } from "../../packages/local-aws/src/runtime.ts";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { addressOf } from "../../tools/rehearse/send-command.ts";
import type { Step } from "../../tools/rehearse/steps.ts";
import { zipOf } from "../../tools/rehearse/zip.ts";
import { readOptions, rehearse } from "../../tools/rehearse.ts";
import { type FakeEmulator, openFakeEmulator } from "./fake-emulator.ts";

let clock: Clock;
let runtime: Runtime;
let servers: Servers;
let emulator: FakeEmulator | undefined;
let printed: string[];

beforeEach(async () => {
  clock = virtualClock();
  const port = await freePort(0);
  const appEndpoint = `http://127.0.0.1:${port}`;
  const assembly = inject("assembly");
  runtime = await startRuntime({ assembly, clock, appEndpoint, quotas: false, lazyFunctions: true });
  servers = await listen(runtime, { port, awsPort: 0 });
  printed = [];
});
afterEach(async () => {
  await emulator?.close();
  emulator = undefined;
  await servers.close();
  runtime.stop();
  clock.dispose();
});

async function rehearsed(refusal?: { code: string; message: string }): Promise<readonly Step[]> {
  emulator = await openFakeEmulator(`http://127.0.0.1:${servers.awsPort}`, refusal);
  return rehearse(
    { endpoint: emulator.endpoint, region: "us-east-1" },
    {
      waiting: { now: () => clock.now(), pause: (milliseconds) => clock.advance(milliseconds) },
      print: (line) => void printed.push(line),
      directory: inject("assembly"),
    },
  );
}

test("a call is played to its end through the stack's addresses, and what the emulator lacks is named", async () => {
  const steps = await rehearsed();
  expect(steps.map(({ title, outcome }) => [title, outcome])).toEqual([
    ["Upload code and template", "done"],
    ["Leave the bootstrap's version", "lacks"],
    ["Create the stack", "done"],
    ["Alice and Bob sign in", "done"],
    ["Their phones register", "done"],
    ["Alice calls Bob", "done"],
    ["Bob's phone rings", "done"],
    ["Bob answers", "done"],
    ["Alice hangs up", "done"],
    ["The call's execution ends", "done"],
  ]);
  expect(printed).toContainEqual(
    "LACKS       Leave the bootstrap's version: UnknownOperationException: ssm:PutParameter is not part of the local runtime",
  );
  expect(printed.at(-1)).toBe("The emulator lacks what 1 step needs: its own words are above.");
});

test("without a stack, no step that needs one is played", async () => {
  const message = "Template format error: Unrecognized resource types: [AWS::Events::Archive]";
  const steps = await rehearsed({ code: "ValidationError", message });
  expect(steps.find(({ title }) => title === "Create the stack")).toEqual({
    title: "Create the stack",
    outcome: "lacks",
    said: `ValidationError: ${message}`,
  });
  expect(steps.slice(3).map(({ outcome }) => outcome)).toEqual(Array.from({ length: 7 }, () => "not played"));
});

test("AWS's own address of an API is replaced by the emulator's", () => {
  const told = "https://a1b2.execute-api.us-east-1.amazonaws.com";
  expect(addressOf(told, "http://127.0.0.1:4566")).toEqual({
    url: "http://127.0.0.1:4566/",
    host: "a1b2.execute-api.localhost:4566",
  });
  expect(addressOf("http://127.0.0.1:4000", "http://127.0.0.1:4566")).toEqual({
    url: "http://127.0.0.1:4000",
  });
});

test.each([
  [[], '--endpoint: expected a URL such as http://127.0.0.1:4566, got ""'],
  [["--endpoint", "https://sts.us-east-1.amazonaws.com"], "this is AWS itself"],
  [["--endpoint", "http://127.0.0.1:4566", "-c", "push"], '-c: expected key=value, got "push"'],
])("a rehearsal refuses %j", (args, words) => expect(() => readOptions(args)).toThrow(words));

test("an archive contains each file of a folder unchanged, and is the same each time", () => {
  const directory = mkdtempSync(join(tmpdir(), "zip-"));
  mkdirSync(join(directory, "chunks"));
  const files = {
    "chunks/b.mjs": "export const b = 2;\n".repeat(50),
    "index.mjs": "export const a = 'ä';\n",
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(directory, path), text);
  const archive = zipOf(directory);
  expect(zipOf(directory)).toEqual(archive);
  expect(filesOf(archive)).toEqual(files);
  rmSync(directory, { recursive: true });
});

/** The files in the directory at the archive's end, as a reader finds them. */
function filesOf(archive: Buffer): Record<string, string> {
  const end = archive.length - 22;
  const found: Record<string, string> = {};
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, header] = [archive.readUInt16LE(at + 28), archive.readUInt32LE(at + 42)];
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
    const content = inflateRawSync(archive.subarray(start, start + archive.readUInt32LE(at + 20)));
    expect(crc32(content)).toBe(archive.readUInt32LE(at + 16));
    found[name] = content.toString("utf8");
    at += 46 + nameLength;
  }
  return found;
}
