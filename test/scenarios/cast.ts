/** A scenario's own people with their phones, and their actions. Many scenarios share one world. */
import { expect } from "vitest";
import type { Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Interference } from "../../packages/local-aws/src/faults.ts";
import type { Participant } from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import type { Phone, PhoneOptions, Reply, World } from "../world.ts";

export interface Cast {
  readonly world: World;
  /** The phones of all people. The first calls the second when the scenario is over. */
  readonly phones: Phone[];
  /** The index in `world.happened` at which the scenario begins. */
  readonly since: number;
  /** Every reply of the API, in order. */
  readonly replies: Reply[];
  /** Task tokens that waits of the workflow have stored. */
  readonly taskTokens: Set<string>;
  /** A phone of a person who is in this scenario only. A phone with a device id sends it. */
  phone(name: string, device?: string, options?: PhoneOptions): Promise<Phone>;
  /** A fault. It must meet a call, unless it may miss: otherwise the scenario shows nothing. */
  interfere(plan: Interference, options?: { mayMiss: boolean }): void;
  /** The operations of faults that met no call. */
  unmet(): string[];
  /** Removes every fault. */
  calm(): void;
}

let casts = 0;

export async function openCast(world: World): Promise<Cast> {
  casts += 1;
  const number = casts;
  const since = world.happened.length;
  const faults: (() => void)[] = [];
  const unmet = new Set<Interference>();
  const [replies, taskTokens, phones]: [Reply[], Set<string>, Phone[]] = [[], new Set(), []];
  faults.push(spyOnTaskTokens(world, taskTokens));
  return {
    world,
    phones,
    since,
    replies,
    taskTokens,
    async phone(name, device, options = {}) {
      const token = { deviceToken: `${name}-${device ?? "device"}-token-${number}` };
      const named = device === undefined ? {} : { deviceId: device };
      const phone = await world.phone(`${name}-${number}`, { ...token, ...named, ...options });
      phones.push(recorded(phone, replies));
      return recorded(phone, replies);
    },
    interfere(plan, { mayMiss } = { mayMiss: false }) {
      if (!mayMiss) unmet.add(plan);
      const fault: Interference["fault"] = (...met) => {
        unmet.delete(plan);
        return plan.fault(...met);
      };
      faults.push(world.runtime.localAws.interfere({ ...plan, fault }));
    },
    unmet: () => [...unmet].map(({ from, operation, nth = 1 }) => `${from ?? ""} ${operation} no. ${nth}`),
    calm: () => {
      for (const remove of faults.splice(0)) remove();
    },
  };
}

export function recorded(phone: Phone, replies: Reply[]): Phone {
  return {
    ...phone,
    async send(body, headers) {
      const reply = await phone.send(body, headers);
      replies.push(reply);
      return reply;
    },
  };
}

/** A scenario of Alice and Bob. Phones with a device id send it. */
export async function aliceAndBob(world: World, devices?: { readonly alice: string; readonly bob: string }) {
  const cast = await openCast(world);
  return {
    cast,
    alice: await cast.phone("alice", devices?.alice),
    bob: await cast.phone("bob", devices?.bob),
  };
}

function spyOnTaskTokens(world: World, seen: Set<string>): () => void {
  type Wait = Record<string, { S?: string }> | undefined;
  return world.runtime.localAws.interfere({
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

/** Calls one client, or several. */
export function calls(caller: Phone, callees: readonly Phone[], more: Shape = {}): Promise<Reply> {
  const ids = callees.map(({ clientId }) => clientId);
  const whom = ids.length === 1 ? { calleeId: ids[0] } : { calleeIds: ids };
  return caller.send({ action: "initiateCall", callerId: caller.clientId, ...whom, ...more });
}

/** A call that succeeds. Returns its id. */
export async function begins(caller: Phone, ...callees: Phone[]): Promise<string> {
  const reply = await calls(caller, callees);
  expect(reply).toMatchObject({ status: 200 });
  return String(reply.body["callId"]);
}

export const answers = (phone: Phone, callId: string): Promise<Reply> =>
  phone.send({ action: "answerCall", callId });
export const declines = (phone: Phone, callId: string): Promise<Reply> =>
  phone.send({ action: "declineCall", callId });
export const rings = (phone: Phone, callId: string): Promise<Reply> =>
  phone.send({ action: "ackRinging", callId });
export const ends = (phone: Phone, callId: string): Promise<Reply> =>
  phone.send({ action: "endCall", clientId: phone.clientId, callId });
export const adds = (phone: Phone, callId: string, ...callees: Phone[]): Promise<Reply> =>
  phone.send({ action: "addToCall", callId, calleeIds: callees.map(({ clientId }) => clientId) });

/** Puts the phone on the call's stage, as an app does: a leg that is absent is dropped after a while. */
export const joinsStage = async (phone: Phone, callId: string): Promise<Participant> =>
  phone.joins(await phone.send({ action: "rejoinCall", callId }));

type View = Record<string, unknown> & { readonly legs: readonly Record<string, unknown>[] };

/** The call as this phone sees it. */
export async function seen(phone: Phone, callId: string): Promise<View> {
  const { status, body } = await phone.send({ action: "getCall", callId });
  expect(status).toBe(200);
  return body as View;
}

/** The leg of this phone's owner, as another participant sees it. */
export async function legIn(
  callId: string,
  { clientId }: Phone,
  by: Phone,
): Promise<Record<string, unknown>> {
  const { legs } = await seen(by, callId);
  return legs.find((leg) => leg["clientId"] === clientId) ?? {};
}

/** The history of this phone's client, newest first. */
export async function history(phone: Phone, page: Shape = {}): Promise<Record<string, unknown>[]> {
  const { status, body } = await phone.send({ action: "listCalls", clientId: phone.clientId, ...page });
  expect(status).toBe(200);
  return body["calls"] as Record<string, unknown>[];
}

/** Sends a request while time passes, because its function pauses between attempts. */
export async function meanwhile<T>(world: World, sending: Promise<T>, forMs = 5_000): Promise<T> {
  const [reply] = await Promise.all([sending, world.clock.advance(forMs)]);
  return reply;
}
