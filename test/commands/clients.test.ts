/** `npm run clients`, against the AWS port of a runtime. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { type CleanUpClient, openCleanUp } from "../../tools/clean-up-client.ts";
import { readList, watch } from "../../tools/clients.ts";
import { signOutReport } from "../../tools/sign-out.ts";
import { startWorld, type World } from "../world.ts";

const UNKNOWN = "00000000-0000-4000-8000-000000000001";
let world: World;
let servers: Servers;
let client: CleanUpClient;

beforeEach(async () => {
  world = await startWorld();
  servers = await listen(world.runtime, { port: 0, awsPort: 0 });
  client = await openCleanUp({ endpoint: `http://127.0.0.1:${servers.awsPort}` }, "Ringmaster");
});
afterEach(async () => {
  await servers.close();
  await world[Symbol.asyncDispose]();
});

test("a list may be plain ids or JSON, each counts once, and a line without an id is reported", () => {
  const list = `${UNKNOWN}\r\n"${UNKNOWN}"\n\n{"clientId":"${UNKNOWN}"}\nnobody\n{`;
  expect(readList(list)).toEqual({
    lines: `{"clientId":"${UNKNOWN}"}\n`,
    ids: 1,
    wrong: ["line 5: nobody", "line 6: {"],
  });
});

test("signing a person out prints what was done and the operation that is running", () => {
  const done = { sub: "sub-of-bob", refusedUntilMs: Date.UTC(2026, 0, 1, 1), clients: 2, callsEnded: 1 };
  expect(signOutReport("bob", { ...done, phonesRemoved: 3, operationId: "cli-1" }).split("\n")).toEqual([
    "bob (sub-of-bob) is disabled. Their access tokens are refused until 2026-01-01T01:00:00.000Z.",
    "Of their 2 clients, 1 left a call. 3 phones were removed.",
    "Deleting the clients: operation cli-1",
  ]);
  const nothing = { ...done, clients: 0, callsEnded: 0, phonesRemoved: 0 };
  expect(signOutReport("bob", nothing)).toMatch(/There is no client to delete\.$/);
});

test("a deletion is watched until it is over: counts, remaining clients and rate, then the report", async () => {
  const alice = await world.phone("alice");
  const printed: string[] = [];
  const { lines } = readList(`${alice.clientId}\n${UNKNOWN}`);
  const execution = await client.start("cli-1", lines, false);
  expect(execution).toMatch(/:execution:clean-up:cli-1$/);
  const now = () => world.clock.now();
  const pause = (ms: number) => world.clock.advance(ms);
  expect(await watch(client, "cli-1", { now, pause, print: (text) => printed.push(text) })).toBe(true);
  expect(printed.at(-2)).toBe("deleted 1  already gone 1  failed 0  remaining 0  of 2  1 a second");
  expect(JSON.parse(printed.at(-1) ?? "")).toMatchObject({ status: "done", deleted: 1, alreadyGone: 1 });
});

test("a deletion that was given up runs again over the same list, and the latest run is watched", async () => {
  const { lines } = readList(`${UNKNOWN}\n`);
  await client.start("cli-2", lines, false);
  const arn = String(world.runtime.outputs["CleanUpWorkflowArn"]).replace(":stateMachine:", ":execution:");
  await world.aws("states", "StopExecution", { executionArn: `${arn}:cli-2` });
  await world.clock.advance(1_000);
  expect(await client.progress("cli-2")).toMatchObject({ isOver: true, hasFailed: true });
  expect(await client.again("cli-2")).toBe(`${arn}:cli-2-2`);
  await expect(client.again("cli-2")).rejects.toThrow("operation cli-2 is running");
  const now = () => world.clock.now();
  const pause = (ms: number) => world.clock.advance(ms);
  expect(await watch(client, "cli-2", { now, pause, print: () => undefined })).toBe(true);
  expect(await client.report("cli-2")).toMatchObject({ status: "done", alreadyGone: 1 });
});
