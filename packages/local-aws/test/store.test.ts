import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { virtualClock } from "../src/clock.ts";
import { openLocalAws } from "../src/local-aws.ts";
import { pushNetworks } from "../src/push-networks/push-networks.ts";
import { openDataDirectory } from "../src/store/data-directory.ts";
import { asItIs } from "../src/store/store.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
let directory: string;

beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "data-"))));
afterEach(() => rmSync(directory, { recursive: true }));

const open = (fresh = false) => openDataDirectory({ directory, fresh, nowMs: NOW_MS });
const pathOf = (name = "state.db"): string => join(directory, name);
const names = (data = open()): string[] => {
  const kept = [...data.store.map("names", asItIs<string>()).values()];
  data.close();
  return kept;
};

function keep(...values: string[]): void {
  const data = open();
  data.store.begin();
  for (const value of values) data.store.map("names", asItIs<string>()).set(value, value);
  data.close();
}

test("what was set is there after a restart, in the order of first setting; what was deleted is not", () => {
  keep("alice", "bob", "carol");
  const data = open();
  data.store.begin();
  const map = data.store.map("names", asItIs<string>());
  map.set("alice", "alice, changed");
  map.delete("bob");
  map.delete("carol");
  map.set("dave", "dave").set("carol", "carol, back");
  data.close();
  expect(names()).toEqual(["alice, changed", "dave", "carol, back"]);
});

test("a deployment that does not end leaves nothing", () => {
  const data = open();
  data.store.map("names", asItIs<string>()).set("alice", "alice");
  data.close();
  const again = open();
  expect(again.isKept).toBe(false);
  expect(names(again)).toEqual([]);
});

test("what belongs together is written when all of it is there, and the rest meanwhile", async () => {
  const data = open();
  data.store.begin();
  const [items, others] = [data.store.rows("items alice"), data.store.map("names", asItIs<string>())];
  const finish = Promise.withResolvers<void>();
  const together = data.store.together("items ", async () => {
    items?.put("first", "1");
    others.set("bob", "bob");
    await finish.promise;
    items?.put("second", "2");
  });
  data.store.flush();
  const written = (): unknown[] => [...(items?.entries() ?? [])];
  expect(written()).toEqual([]);
  expect([...(data.store.rows("names")?.entries() ?? [])]).toHaveLength(1);
  finish.resolve();
  await together;
  expect(written()).toEqual([
    ["first", "1"],
    ["second", "2"],
  ]);
  data.close();
});

test("--fresh begins anew", () => {
  keep("alice");
  expect(names(open(true))).toEqual([]);
});

test("nobody but the owner may read what is kept", () => {
  keep("alice");
  const data = open();
  data.store.begin();
  data.store.map("names", asItIs<string>()).set("bob", "bob");
  data.store.flush();
  const readable = readdirSync(directory).filter((name) => (statSync(pathOf(name)).mode & 0o077) !== 0);
  expect(readable).toEqual([]);
  data.close();
});

test("a second runtime on the same directory is refused, and told who has it", () => {
  const data = open();
  expect(() => open()).toThrow(`another runtime (process ${process.pid}) keeps its state in ${directory}`);
  expect(() => open(true)).toThrow("take another directory with --data");
  data.close();
  open().close();
});

test("the lock of a process that was killed is free", () => {
  const program = `
    import { openDataDirectory } from ${JSON.stringify(join(import.meta.dirname, "../src/store/data-directory.ts"))};
    openDataDirectory({ directory: ${JSON.stringify(directory)}, fresh: false, nowMs: 0 });
    process.kill(process.pid, "SIGKILL");`;
  const args = ["--input-type=module", "--eval", program];
  const { signal, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect({ signal, stderr }).toEqual({ signal: "SIGKILL", stderr: "" });
  open().close();
});

test.each([
  ["is no database", () => Buffer.from("nothing of ours ".repeat(600))],
  ["has another value in a row", (whole: Buffer) => changed(whole, "alice, the first", "alice, the worst")],
  ["was cut off", (whole: Buffer) => whole.subarray(0, Math.floor(whole.length / 2))],
])("a store that %s is moved aside whole, and said", (_how, damage) => {
  keep("alice, the first", ...Array.from({ length: 400 }, (_, index) => `person ${index}`.repeat(20)));
  const damaged = damage(readFileSync(pathOf()));
  writeFileSync(pathOf(), damaged);
  const data = open();
  expect(data.isKept).toBe(false);
  expect(data.damage?.reason).toContain(pathOf());
  expect(readFileSync(data.damage?.movedTo ?? "")).toEqual(damaged);
  expect(names(data)).toEqual([]);
});

function changed(whole: Buffer, from: string, to: string): Buffer {
  const at = whole.indexOf(`"${from}"`);
  expect(at).toBeGreaterThan(0);
  whole.write(to, at + 1);
  return whole;
}

test("a store of another format is left alone, and the error says what to do", async () => {
  keep("alice");
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(pathOf());
  db.exec("PRAGMA user_version = 99");
  db.close();
  expect(() => open()).toThrow("is of format 99 and this program reads 1: start with --fresh");
  expect(names(open(true))).toEqual([]);
});

test("a device finds the latest hundred pushes of before, and new ones behind them", () => {
  const push = { channel: "GCM", priority: "high", ttlSeconds: 0, voip: false } as const;
  /** Pushes of these numbers after a restart; then what the inbox holds. */
  function run(from: number, to: number): number[] {
    const data = open();
    data.store.begin();
    const clock = virtualClock();
    const options = { clock, authorizer: { check() {} }, region: "r", account: "a", quotas: true };
    const networks = pushNetworks(openLocalAws({ ...options, store: data.store }));
    for (let number = from; number <= to; number += 1)
      networks.send("a-device", { ...push, data: { number: String(number) } });
    clock.dispose();
    data.close();
    return networks.inbox.read("a-device").map((message) => Number(message.data["number"]));
  }
  run(1, 150);
  const hundred = Array.from({ length: 100 }, (_, index) => 51 + index);
  expect(run(151, 152)).toEqual([...hundred, 151, 152]);
  expect(run(153, 152)).toEqual([...hundred.slice(2), 151, 152]);
});

test("what cannot be written while another program holds the file is written later", () => {
  const data = open();
  data.store.begin();
  const other = new DatabaseSync(pathOf());
  other.exec("BEGIN IMMEDIATE");
  data.store.map("names", asItIs<string>()).set("alice", "alice");
  expect(() => data.store.flush()).toThrow("locked");
  other.exec("ROLLBACK");
  other.close();
  data.store.flush();
  data.close();
  expect(names()).toEqual(["alice"]);
});
