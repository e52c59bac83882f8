/** Dave, and a call from Alice to Bob, Carol and him. */
import type { Call } from "../../calls/call.ts";
import type { Client } from "../../calls/client.ts";
import { clientIdSchema } from "../../calls/ids.ts";
import { answer, ring } from "../../calls/answering.ts";
import type { Rule } from "../../calls/rules.ts";
import { after, alice, at, bob, BOBS_PHONE, calling, carol } from "../builders.ts";

export * from "../builders.ts";

export const DAVE = clientIdSchema.parse("00000000-0000-4000-8000-000000000004");
export const dave = (more: Partial<Client> = {}): Client => ({
  ...alice(),
  clientId: DAVE,
  sub: "sub-of-dave",
  username: "username-of-dave",
  devices: { "daves-phone": at(0) },
  ...more,
});

/** The callees' legs of the group. The caller's is 1. */
export const BOBS = 2;
export const CAROLS = 3;
export const DAVES = 4;

/** Alice has just called Bob, Carol and Dave. */
export const callingAll = (more: Parameters<typeof calling>[0] = {}): Call =>
  calling({ callees: [bob(), carol(), dave()], ...more });

/** The call after several rules, each at its second. */
export const afterAll = (call: Call, ...steps: readonly (readonly [Rule, number])[]): Call =>
  steps.reduce((before, [rule, second]) => after(before, rule, at(second)), call);

/** Bob's phone rings, and he answers in the fifth second. The others are still called. */
export const bobIn = (): Call =>
  afterAll(callingAll(), [ring(BOBS, BOBS_PHONE), 2], [answer(BOBS, BOBS_PHONE), 5]);
