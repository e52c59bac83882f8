/** Shared by scenarios of phones that stay on the stage: how they join, what they hear, and what IVS is asked. */
import { expect } from "vitest";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Interference } from "../../packages/local-aws/src/faults.ts";
import type { Participant } from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import type { Phone, Reply, World } from "../world.ts";
import { answers, calls, type Cast, openCast, recorded } from "./cast.ts";
import { deferred } from "./faults.ts";
import { lost, MINUTE_MS, said, SECOND_MS } from "./vanishing.ts";

/** A client that has no part in the call any more hears nothing after this time. */
export const OFF_WITHIN_MS = 15 * SECOND_MS;

/** How IVS's events arrive. */
export const HINTS = ["as they happen", "lost", "only of starts", "late", "out of order"] as const;
export type Hints = (typeof HINTS)[number];

function faultsOf(hints: Hints, { clock }: World): Interference[] {
  const late = (what: "Published" | "Unpublished", afterMs: number) =>
    said(what, "", deferred(clock, {}, afterMs));
  switch (hints) {
    case "as they happen":
      return [];
    case "lost":
      return [said("Published", "", lost), said("Unpublished", "", lost)];
    case "only of starts":
      return [said("Unpublished", "", lost)];
    case "late":
      return [late("Published", MINUTE_MS), late("Unpublished", MINUTE_MS)];
    case "out of order":
      return [late("Published", 12 * SECOND_MS)];
  }
}

export interface Company {
  readonly cast: Cast;
  readonly callId: string;
  /** The caller comes first. */
  readonly phones: readonly Phone[];
  /** Each client as a participant of the stage. */
  readonly on: Participant[];
  readonly olivia: Phone;
  /** The reply to the caller. */
  readonly called: Reply;
}

export const phoneOf = ({ phones }: Company, index: number): Phone => phones[index] as Phone;
export const onOf = ({ on }: Company, index: number): Participant => on[index] as Participant;
export const removes = ({ olivia, callId }: Company, { clientId }: Phone): Promise<Reply> =>
  olivia.send({ action: "endCall", callId, clientId });
export const endsForEveryone = ({ olivia, callId, phones }: Company): Promise<Reply> =>
  olivia.send({ action: "endCall", callId, clientId: phones[0]?.clientId, everyone: true });

export function staying(world: World) {
  /** The caller calls the others, whose phones ring, and joins the stage. */
  async function ringing(
    people: number,
    hints: Hints = "as they happen",
    beforeCalling: (phones: readonly Phone[]) => void = () => undefined,
  ): Promise<Company> {
    const cast = await openCast(world);
    for (const fault of faultsOf(hints, world)) cast.interfere(fault, { mayMiss: true });
    const phones: Phone[] = [];
    for (let n = 0; n < people; n += 1) phones.push(await cast.phone(`person${n}`));
    const [caller, ...callees] = phones as [Phone, ...Phone[]];
    const olivia = recorded(await world.phone("olivia"), cast.replies);
    beforeCalling(phones);
    const called = await calls(caller, callees);
    const on = [await caller.joins(called)];
    await world.clock.advance(SECOND_MS);
    return { cast, callId: String(called.body["callId"]), phones, on, olivia, called };
  }

  return {
    ringing,
    /** All are on the stage, publish, and would stay there for ever. */
    async talking(people: number, hints: Hints = "as they happen"): Promise<Company> {
      const company = await ringing(people, hints);
      const { callId, phones, on } = company;
      for (const phone of phones.slice(1)) on.push(await phone.joins(await answers(phone, callId)));
      await world.clock.advance(20 * SECOND_MS);
      expect(on.map((one) => world.runtime.ivs.heardBy(one).length)).toEqual(on.map(() => people - 1));
      return company;
    },
    hears: (one: Participant): string[] =>
      world.runtime.ivs.heardBy(one).map(({ participantId }) => participantId),
    /** The operations of IVS that calls needed since that time. */
    asked: (sinceMs: number): string[] =>
      world.happened.flatMap((one) =>
        one.kind === "aws-call" &&
        one.service === "ivs" &&
        one.atMs >= sinceMs &&
        one.caller.kind === "role" &&
        /remove-participants|verify-legs/.test(String(one.caller.functionName))
          ? [one.operation]
          : [],
      ),
    /** The time at which the tokens of a leg expire. */
    async tokensUntilMs(callId: string, leg: number): Promise<number> {
      const { M: legs } = (await world.item(callId))["legs"] as { M: Record<string, { M: Shape }> };
      const { N: untilMs } = (legs[leg] as { M: Shape }).M["tokensUntilMs"] as { N: string };
      return Number(untilMs);
    },
  };
}
