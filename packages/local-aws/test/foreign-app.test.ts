/** A template of somebody else: what a program sees of it through the entry of this package and the SDK's own clients. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { play } from "./foreign-app/play.ts";
import { synthesizeForeignApp } from "./foreign-app/synthesize.ts";

let assembly: string;
beforeAll(() => {
  assembly = mkdtempSync(join(tmpdir(), "foreign-app-"));
  synthesizeForeignApp(assembly);
});
afterAll(() => rmSync(assembly, { recursive: true }));

test("a bucket, a queue, a function and a state machine work together as the app means them to", async () => {
  expect(await play(assembly)).toEqual({
    status: "SUCCEEDED",
    hours: 1,
    receipt: "cents: 750",
    message: { orderId: "a-1", cents: 750 },
  });
});
