/** A phone's push tokens, told to the server one by one: all of them belong to one client. */
import type { Kept } from "./kept.ts";
import { valueOf } from "./phone-error.ts";
import type { Clock } from "./time/clock.ts";
import type { NotifyType } from "./wire/contract.ts";
import { type Commands, persist, REPEAT_DELAYS_MS } from "./wire/rest-api.ts";

export interface PushToken {
  readonly notifyType: NotifyType;
  readonly deviceToken: string;
}

export interface RegisterOptions {
  /** Of several clients of the person, this phone's. */
  readonly clientId?: string;
  /** A further line of the person's. */
  readonly anotherClient?: boolean;
}

interface Registering {
  readonly clock: Pick<Clock, "after">;
  readonly commands: Commands;
  readonly kept: Kept;
}

/** Gives the client that they belong to, which is kept. Rejects with a PhoneError. */
export async function registerTokens(
  registering: Registering,
  tokens: readonly PushToken[],
  { clientId: wanted, anotherClient }: RegisterOptions,
): Promise<string> {
  const { kept } = registering;
  const all = tokens.length > 0 ? tokens : [{ notifyType: "WEB", deviceToken: kept.webToken() } as const];
  let clientId = wanted ?? (anotherClient ? undefined : kept.read("clientId"));
  for (const token of all) {
    const more = clientId ? { clientId } : { ...(anotherClient && { anotherClient }) };
    clientId = await registerOne(registering, token, more);
  }
  const registered = String(clientId);
  kept.write("clientId", registered);
  return registered;
}

async function registerOne(
  { clock, commands, kept: { deviceId } }: Registering,
  token: PushToken,
  more: RegisterOptions,
): Promise<string> {
  const send = (wanted: RegisterOptions) =>
    persist(clock, REPEAT_DELAYS_MS.length, () =>
      commands.send("register", { ...token, deviceId, ...wanted }),
    );
  const outcome = await send(more);
  const isGone = !outcome.ok && ["no_such_client", "not_your_client"].includes(outcome.problem.code);
  // The client was cleaned up since, or belongs to the user who was signed in before.
  return valueOf(isGone && more.clientId ? await send({}) : outcome).id;
}
