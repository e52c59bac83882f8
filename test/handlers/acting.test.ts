/** Ringmaster knows whether a person may act before a command writes. The check costs the command no time of its own. */
import { expect, test } from "vitest";
import { acting } from "../../handlers/rest/acting.ts";
import { initiateCall } from "../../handlers/rest/initiate-call.ts";
import { answerCall } from "../../handlers/rest/join-call.ts";
import { ALICE, alice, BOB, bob, CALL, ringing, START_MS } from "../builders.ts";
import { ALICE_HERSELF, BOB_HIMSELF, world } from "./world.ts";

const SIGNED_OUT = { code: "signed_out", status: 403 };

test("a person who was signed out cannot answer: the call rings on, and no event is published", async () => {
  const it = world(ringing());
  it.persons.items.set(bob().sub, { refusedUntilMs: START_MS + 60_000 });
  const { context, allowed } = acting(it, BOB_HIMSELF);
  await expect(answerCall(context, BOB_HIMSELF, { callId: CALL })).rejects.toMatchObject(SIGNED_OUT);
  await expect(allowed).rejects.toMatchObject(SIGNED_OUT);
  expect(it.calls.items.get(CALL)?.status).toBe("ringing");
  expect(it.publisher.events).toEqual([]);
});

test("a person whose refusal has ended can answer", async () => {
  const it = world(ringing());
  it.persons.items.set(bob().sub, { refusedUntilMs: START_MS });
  it.edge.setNow(START_MS + 1_000);
  const { context } = acting(it, BOB_HIMSELF);
  expect(await answerCall(context, BOB_HIMSELF, { callId: CALL })).toMatchObject({ status: "answered" });
});

test("the command reads the person's row once, beside its own reads", async () => {
  const it = world();
  const reads: string[] = [];
  const { promise: slow, resolve } = Promise.withResolvers<void>();
  const persons = {
    ...it.persons,
    read: async (sub: string) => {
      reads.push(sub);
      await slow;
      return it.persons.read(sub);
    },
  };
  const read: string[] = [];
  const clients = {
    ...it.clients,
    read: async (clientId: typeof ALICE) => {
      read.push(clientId);
      return it.clients.read(clientId);
    },
  };
  const { context } = acting({ ...it, persons, clients }, ALICE_HERSELF);
  const call = initiateCall(context, ALICE_HERSELF, { callerId: ALICE, calleeId: BOB, media: "audio" });
  await Promise.resolve();
  expect([reads, read]).toEqual([[alice().sub], [ALICE, BOB]]);
  expect(it.calls.items.size).toBe(0);
  resolve();
  expect(await call).toMatchObject({ status: "calling" });
  expect(reads).toHaveLength(1);
});

test("a person who is signed out between the reads and the write begins no call", async () => {
  const it = world();
  const { context } = acting(it, ALICE_HERSELF);
  it.admission.others.push(() => {
    it.persons.items.set(alice().sub, { refusedUntilMs: START_MS + 60_000 });
    return undefined;
  });
  const call = initiateCall(context, ALICE_HERSELF, { callerId: ALICE, calleeId: BOB, media: "audio" });
  await expect(call).rejects.toMatchObject(SIGNED_OUT);
  expect(it.calls.items.size).toBe(0);
});
