/** The list of due removals and the remover's lease, in DynamoDB. */
import { describe, expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { done, type Removal } from "../../calls/removals.ts";
import { presenceStore } from "../../handlers/store/presence-store.ts";
import {
  type RemovalStore,
  removalStore,
  type RemoverLease,
  removerLease,
} from "../../handlers/store/removal-store.ts";
import { ALICE, BOB, callFrom, callId, NOW, storeCall } from "./builders.ts";
import { namedStage } from "../../handlers/media/ivs/stage.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let removals: RemovalStore;
let lease: RemoverLease;

openForEach(openTables, (opened) => {
  tables = opened;
  removals = removalStore(tables.env, namedStage);
  lease = removerLease(tables.env);
});

const CALL = callId(1);
const removal = (target: string, more: Partial<Removal> = {}): Removal => ({
  callId: CALL,
  target,
  stage: { stageId: "stage-1", arn: "arn:aws:ivs:us-east-1:000000000000:stage/stage-1" },
  priority: "ended",
  step: "remove",
  dueAtMs: NOW,
  tokenUntilMs: NOW + 60_000,
  ...more,
});
const add = (one: Removal) => removals.replace(undefined, one, NOW);
const due = async (priority: Removal["priority"] = "ended", nowMs = NOW) =>
  (await removals.due(priority, nowMs, 10)).map(({ target }) => target);

describe("the due-list", () => {
  test("contains the due removals of a priority, the longest wait first", async () => {
    await add(removal("later", { dueAtMs: NOW + 1 }));
    await add(removal("second"));
    await add(removal("first", { dueAtMs: NOW - 5 }));
    await add(removal("removed", { priority: "person" }));
    expect(await due()).toEqual(["first", "second"]);
    expect(await due("person")).toEqual(["removed"]);
    expect(await due("ended", NOW + 1)).toEqual(["first", "second", "later"]);
    expect(await removals.due("ended", NOW, 1)).toEqual([
      { callId: CALL, target: "first", dueAtMs: NOW - 5 },
    ]);
  });

  test("loses a removal that is done, which the call's own read still contains", async () => {
    await storeCall(tables, callFrom(ALICE, BOB));
    const one = removal("bob");
    await add(one);
    expect(await removals.replace(one, done(one, "removed"), NOW)).toBe(true);
    expect(await due()).toEqual([]);
    const known = await presenceStore(tables.env).known(CALL);
    expect(known?.removals.get("bob")).toEqual(done(one, "removed"));
  });

  test("accepts a change only from a writer who has read the current state", async () => {
    const one = removal("bob");
    expect(await add(one)).toBe(true);
    expect(await add(removal("bob"))).toBe(false);
    const waiting = removal("bob", { step: "look", dueAtMs: NOW + 9 });
    expect(await removals.replace(one, waiting, NOW)).toBe(true);
    expect(await removals.replace(one, done(one, "removed"), NOW)).toBe(false);
    expect(await removals.replace(waiting, done(waiting, "not_joined"), NOW)).toBe(true);
    expect(await removals.replace(waiting, one, NOW)).toBe(false);
  });
});

describe("the remover's lease", () => {
  test("belongs to one run until that gives it back", async () => {
    expect(await lease.take("one", NOW, NOW + 10)).toBe(true);
    expect(await lease.take("other", NOW + 5, NOW + 15)).toBe(false);
    expect(await lease.take("one", NOW + 5, NOW + 15)).toBe(true);
    await lease.release("other");
    expect(await lease.take("other", NOW + 14, NOW + 24)).toBe(false);
    await lease.release("one");
    expect(await lease.take("other", NOW + 14, NOW + 24)).toBe(true);
  });

  test("of a run that died is free when it expires", async () => {
    await lease.take("one", NOW, NOW + 10);
    expect(await lease.take("other", NOW + 10, NOW + 20)).toBe(true);
  });
});
