/** A scenario's own two people with a phone each, and what they do; many scenarios share one world. */
import { expect } from "vitest";
import type { Interference } from "../../local/faults.ts";
import type { Participant } from "../../local/ivs-realtime/media-plane.ts";
import type { Phone, Reply, World } from "../world.ts";

export interface Scene {
  readonly world: World;
  readonly alice: Phone;
  readonly bob: Phone;
  /** Where in `world.happened` the scenario begins. */
  readonly since: number;
  /** Every reply of the API, in order. */
  readonly replies: Reply[];
  /** Task tokens that waits of the workflow have stored. */
  readonly taskTokens: Set<string>;
  /** Alice calls Bob: the reply, whatever it is. */
  call(): Promise<Reply>;
  /** Alice calls Bob, which succeeds: the call's id. */
  begins(): Promise<string>;
  /** Alice calls Bob, he answers after two seconds, and both are on the stage. */
  talks(): Promise<Talk>;
  answers(callId: string): Promise<Reply>;
  declines(callId: string): Promise<Reply>;
  /** Alice ends the call: cancels it as long as it rings. */
  aliceEnds(callId: string): Promise<Reply>;
  bobEnds(callId: string): Promise<Reply>;
  /** A fault; unless it may miss, it must meet a call, or the scenario shows nothing. */
  interfere(plan: Interference, options?: { mayMiss: boolean }): void;
  /** The operations of faults that met no call. */
  unmet(): string[];
  /** Removes every fault. */
  calm(): void;
}

/** Both sides of an answered call, as they are on its stage. */
export interface Talk {
  readonly callId: string;
  readonly alice: Participant;
  readonly bob: Participant;
}

let scenes = 0;

export async function openScene(world: World): Promise<Scene> {
  scenes += 1;
  const since = world.happened.length;
  const faults: (() => void)[] = [];
  const unmet = new Set<Interference>();
  const replies: Reply[] = [];
  const taskTokens = new Set<string>();
  faults.push(spyOnTaskTokens(world, taskTokens));
  const [alice, bob] = [
    recorded(await world.phone("alice", `alice-device-token-${scenes}`), replies),
    recorded(await world.phone("bob", `bob-device-token-${scenes}`), replies),
  ];
  const call = () => alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId });
  const answers = (callId: string) => bob.send({ action: "answerCall", callId });
  return {
    world,
    alice,
    bob,
    since,
    replies,
    taskTokens,
    call,
    async begins() {
      const reply = await call();
      expect(reply).toMatchObject({ status: 200 });
      return String(reply.body["callId"]);
    },
    async talks() {
      const called = await call();
      const callId = String(called.body["callId"]);
      const caller = await alice.joins(called);
      await world.clock.advance(2_000);
      return { callId, alice: caller, bob: await bob.joins(await answers(callId)) };
    },
    answers,
    declines: (callId) => bob.send({ action: "declineCall", callId }),
    aliceEnds: (callId) => alice.send({ action: "endCall", clientId: alice.clientId, callId }),
    bobEnds: (callId) => bob.send({ action: "endCall", clientId: bob.clientId, callId }),
    interfere(plan, { mayMiss } = { mayMiss: false }) {
      if (!mayMiss) unmet.add(plan);
      const fault: Interference["fault"] = (...met) => {
        unmet.delete(plan);
        return plan.fault(...met);
      };
      faults.push(world.runtime.door.interfere({ ...plan, fault }));
    },
    unmet: () => [...unmet].map(({ from, operation, nth = 1 }) => `${from ?? ""} ${operation} no. ${nth}`),
    calm: () => {
      for (const remove of faults.splice(0)) remove();
    },
  };
}

function recorded(phone: Phone, replies: Reply[]): Phone {
  return {
    ...phone,
    async send(body) {
      const reply = await phone.send(body);
      replies.push(reply);
      return reply;
    },
  };
}

function spyOnTaskTokens(world: World, seen: Set<string>): () => void {
  type Wait = Record<string, { S?: string }> | undefined;
  return world.runtime.door.interfere({
    service: "dynamodb",
    operation: "UpdateItem",
    where: ({ input }) => {
      const token = (input["ExpressionAttributeValues"] as Wait)?.[":token"]?.S;
      if (token) seen.add(token);
      return false;
    },
    fault: (run) => run(),
  });
}
