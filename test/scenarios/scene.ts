/** A scenario between two people with a phone each, and their actions. Many scenarios share one world. */
import { expect } from "vitest";
import type { Participant } from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import type { Phone, Reply, World } from "../world.ts";
import { type Cast, openCast, recorded } from "./cast.ts";

export interface Scene extends Cast {
  readonly alice: Phone;
  readonly bob: Phone;
  /** Alice calls Bob. Returns the reply, whatever it is. */
  call(): Promise<Reply>;
  /** Alice calls Bob successfully. Returns the call's id. */
  begins(): Promise<string>;
  /** Alice calls Bob, he answers after two seconds, and both join the stage. */
  talks(): Promise<Talk>;
  answers(callId: string): Promise<Reply>;
  declines(callId: string): Promise<Reply>;
  /** Alice ends the call, which cancels it while it rings. */
  aliceEnds(callId: string): Promise<Reply>;
  bobEnds(callId: string): Promise<Reply>;
}

/** Both sides of an answered call, as participants of its stage. */
export interface Talk {
  readonly callId: string;
  readonly alice: Participant;
  readonly bob: Participant;
}

let scenes = 0;

export async function openScene(world: World): Promise<Scene> {
  scenes += 1;
  const cast = await openCast(world);
  const { replies } = cast;
  const [alice, bob] = [
    // People of this scenario only, because limits count persons.
    recorded(await world.phone(`alice-in-${scenes}`, `alice-device-token-${scenes}`), replies),
    recorded(await world.phone(`bob-in-${scenes}`, `bob-device-token-${scenes}`), replies),
  ];
  cast.phones.push(alice, bob);
  const call = () => alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId });
  const answers = (callId: string) => bob.send({ action: "answerCall", callId });
  return {
    ...cast,
    alice,
    bob,
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
  };
}
