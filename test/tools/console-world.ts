/** A console over a whole local stack, after three calls with three different ends. */
import { expect } from "vitest";
import { openConsole } from "../../local/console.ts";
import type { ConsoleReply, ConsoleStream } from "../../tools/console/server.ts";
import type { CallsView } from "../../tools/console/views.ts";
import { answered, asker, CREATE_PERSON } from "../people/graphql-world.ts";
import { type Phone, startWorld } from "../world.ts";

const HEADERS = { host: "127.0.0.1:4000" };

export type ConsoleWorld = Awaited<ReturnType<typeof startConsoleWorld>>;

export async function startConsoleWorld() {
  // Views are read while time stands still, so that a quota would never refill.
  const world = await startWorld({ quotas: false });
  const [alice, bob, carol] = [
    await world.phone("alice"),
    await world.phone("bob"),
    await world.phone("carol"),
  ];
  const people = await asker(world, "bob");
  const input = { firstName: "Bob", lastName: "Brown", clientId: bob.clientId };
  answered(await people.ask(CREATE_PERSON, { input }), "createPerson");

  const begin = async (callee: Phone) =>
    alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: callee.clientId });

  async function rung(callee: Phone, then: (callId: string) => Promise<unknown>): Promise<string> {
    const callId = String((await begin(callee)).body["callId"]);
    await world.clock.advance(1_000);
    await then(callId);
    await world.ended(callId);
    return callId;
  }

  async function talked() {
    const called = await begin(bob);
    const callId = String(called.body["callId"]);
    await alice.joins(called);
    await world.clock.advance(1_000);
    await bob.joins(await bob.send({ action: "answerCall", callId }));
    await world.clock.advance(5_000);
    await bob.send({ action: "endCall", clientId: bob.clientId, callId });
    await world.ended(callId);
    return { callId, aliceToken: String(called.body["token"]) };
  }

  const { callId: completed, aliceToken } = await talked();
  const declined = await rung(bob, (callId) => bob.send({ action: "declineCall", callId }));
  const missed = await rung(carol, () => world.clock.advance(60_000));
  await world.clock.advance(5_000);
  const server = await openConsole(world.runtime, { aws: "http://127.0.0.1:4566" });

  const ask = async (path: string, headers: Record<string, string> = {}, method = "GET", body = "") => {
    const [before = "", query = ""] = path.split("?");
    const own = { ...HEADERS, ...headers };
    const request = { method, path: `/console/api/${before}`, query, headers: own, body };
    // Every path below /console/api/ has an answer.
    return (await server(request)) as ConsoleReply | ConsoleStream;
  };
  async function reply(path: string, headers?: Record<string, string>, method?: string, body?: string) {
    const answer = await ask(path, headers, method, body);
    if ("stream" in answer) throw new Error(`${path} goes on`);
    return {
      status: answer.status,
      headers: answer.headers,
      body: JSON.parse(String(answer.body)) as unknown,
    };
  }
  async function view<T>(path: string): Promise<T> {
    const { status, body } = await reply(path);
    expect({ path, status, body }).toMatchObject({ status: 200 });
    // The server's views have the types in views.ts.
    return body as T;
  }
  // The first view loads the SDK's clients in real time. Later views wait for virtual time only.
  await view("calls");
  const calls = { completed, declined, missed };
  return { world, alice, bob, carol, calls, aliceToken, begin, ask, reply, view };
}

export const idsOf = ({ calls: rows }: CallsView): string[] => rows.map(({ callId }) => callId);
