/** An operator of this stack, in this tab: signs in to its user pool and sends commands to its REST API. */
import * as z from "zod/mini";
import type { Stack } from "../state/facts.ts";
import type { HangUpWorld } from "../state/hang-up.ts";
import { type Problem, problemOf } from "../state/live.ts";

/** The ready-made operator of a local runtime. */
const OPERATOR = "olivia";

const peopleSchema = z.object({
  people: z.optional(z.array(z.object({ username: z.string(), password: z.string() }))),
});

/** Loads the sign-in at the first hang-up, not before: reading needs none of it. */
export function operatorOf({ signIn, apiUrl, isLocal }: Stack): HangUpWorld {
  const { userPoolId, userPoolClientId, endpoint: cognitoUrl } = signIn;
  const session = async () => {
    const { openSession } = await import("../../sign-in/session.ts");
    return openSession({ userPoolId, userPoolClientId, ...(cognitoUrl && { cognitoUrl }) }, { perTab: true });
  };
  return {
    isOperator: async () => (await session()).isOperator(),
    async signIn(who) {
      const open = await session();
      await open.signOut();
      await open.signIn(who);
    },
    async readyMade() {
      if (!isLocal) return undefined;
      const reply = await fetch("/config.json");
      const parsed = z.safeParse(peopleSchema, await reply.json());
      return parsed.data?.people?.find(({ username }) => username === OPERATOR);
    },
    async endCall(callId, clientId) {
      const token = await (await session()).accessToken();
      return send(apiUrl, token, { action: "endCall", callId, clientId, everyone: true });
    },
  };
}

const messageSchema = z.object({ message: z.string() });

async function send(apiUrl: string, token: string, command: object): Promise<Problem | undefined> {
  try {
    const reply = await fetch(apiUrl, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(command),
    });
    if (reply.ok) return undefined;
    const body: unknown = await reply.json().catch(() => undefined);
    // What the HTTP API itself refuses has a shape of its own.
    const refused = z.safeParse(messageSchema, body);
    return refused.success ? { status: reply.status, title: refused.data.message } : problemOf(body);
  } catch {
    return { title: "The API does not answer", detail: apiUrl };
  }
}
