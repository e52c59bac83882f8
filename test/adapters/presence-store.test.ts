/** The sightings of legs, in DynamoDB, beside their call. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { type PresenceStore, presenceStore, type Said } from "../../handlers/store/presence-store.ts";
import { callStore } from "../../handlers/store/call-store.ts";
import { ALICE, BOB, callFrom, callId, NOW, storeCall } from "./builders.ts";
import { openTables, type Tables } from "./tables.ts";

let tables: Tables;
let presence: PresenceStore;

openForEach(openTables, (opened) => {
  tables = opened;
  presence = presenceStore(tables.env);
});

const CALL = callId(1);
const seen = (tokenNumber: number, atMs: number, leg = 1): Said => ({
  callId: CALL,
  leg,
  tokenNumber,
  atMs,
});
const sightings = async () => Object.fromEntries((await presence.known(CALL))?.sightings ?? []);
const putCall = () => storeCall(tables, callFrom(ALICE, BOB));

test("a call is read together with the sightings of its legs", async () => {
  await putCall();
  await presence.remember("published", seen(1, NOW, 1));
  await presence.remember("published", seen(3, NOW + 5, 2));
  const known = await presence.known(CALL);
  expect(known?.call).toEqual(await callStore(tables.env).read(CALL));
  expect(await sightings()).toEqual({
    1: { tokenNumber: 1, atMs: NOW },
    2: { tokenNumber: 3, atMs: NOW + 5 },
  });
});

test("a call that does not exist is unknown, even with a sighting", async () => {
  await presence.remember("published", seen(1, NOW));
  expect(await presence.known(CALL)).toBeUndefined();
});

test("the newest sighting stays, in any order of arrival", async () => {
  await putCall();
  for (const one of [seen(1, NOW + 9), seen(1, NOW + 3), seen(2, NOW + 5), seen(1, NOW + 99)])
    await presence.remember("published", one);
  expect(await sightings()).toEqual({ 1: { tokenNumber: 2, atMs: NOW + 5 } });
});

test("the latest start and the latest stop of a participant are kept side by side", async () => {
  await putCall();
  for (const atMs of [NOW + 5, NOW + 2]) {
    await presence.remember("unpublished", seen(1, atMs + 1));
    await presence.remember("published", seen(1, atMs));
  }
  expect((await presence.known(CALL))?.participants).toEqual(
    new Map([[`${CALL}-1-1`, { leg: 1, tokenNumber: 1, publishedAtMs: NOW + 5, unpublishedAtMs: NOW + 6 }]]),
  );
});

test("a sighting that an older release wrote counts as one of its participant", async () => {
  await putCall();
  await tables.put("CALLS_TABLE", { pk: CALL, sk: "seen#1", tokenNumber: 2, atMs: NOW });
  await presence.remember("unpublished", seen(2, NOW + 4));
  expect((await presence.known(CALL))?.participants.get(`${CALL}-1-2`)).toMatchObject({
    publishedAtMs: NOW,
    unpublishedAtMs: NOW + 4,
  });
});

test("a sighting expires two days later", async () => {
  await presence.remember("published", seen(1, NOW));
  const stored = await tables.stored("CALLS_TABLE", { pk: CALL, sk: "seen#1-1" });
  expect(stored?.["expiresAtSeconds"]).toBe(NOW / 1000 + 2 * 86_400);
});
