/**
 * `npm run clients -- sign-out <username>`: signs a person out for good, in this order.
 *
 * X1 First the user is disabled, so that they cannot sign in; then the API refuses the access tokens that they hold. What the
 *    command ends and removes after that does not come back.
 * X2 Their calls end, and their phones are removed at once: none rings from then on. Their clients go last, because their
 *    deletion takes time.
 * X3 Every step may be repeated: a second run completes a failed one.
 */
import type { ClientId } from "../calls/ids.ts";
import { type Call, isOver, legOfClient } from "../calls/call.ts";
import type { Client } from "../calls/client.ts";
import { ACCESS_TOKEN_MINUTES, MAX_WRITE_ATTEMPTS } from "../calls/limits.ts";
import { removePerson } from "../calls/operators.ts";
import type { Rule } from "../calls/rules.ts";
import type { ClientStore } from "../handlers/store/client-store.ts";
import type { PersonStore } from "../handlers/store/person-store.ts";
import { type CallChanging, changeCall } from "../handlers/call/change-call.ts";

export interface SignOut extends CallChanging {
  /** Of the user pool. Cognito lets a disabled user neither sign in nor refresh. */
  disable(username: string): Promise<{ readonly sub: string }>;
  readonly persons: Pick<PersonStore, "refuse">;
  /** Every client of the person. */
  clientsOf(sub: string): Promise<Client[]>;
  readonly clients: Pick<ClientStore, "read" | "devices" | "commit">;
  /** Starts the deletion of these; the reply is the operation's id. */
  startDeletion(clientIds: readonly ClientId[]): Promise<string>;
  readonly now: () => number;
}

export interface SignedOut {
  readonly sub: string;
  readonly refusedUntilMs: number;
  readonly clients: number;
  readonly callsEnded: number;
  readonly phonesRemoved: number;
  /** Of the deletion; none if there is nothing to delete. */
  readonly operationId?: string;
}

/**
 * The longest life that a token may have, not the stack's setting: a token from before the setting was lowered lives on.
 */
const REFUSED_MS = ACCESS_TOKEN_MINUTES.max * 60_000;

/** In the console's timeline of a call. */
const OPERATOR = { sub: "sign-out", username: "sign-out" };

export async function signOut(tools: SignOut, username: string): Promise<SignedOut> {
  const { sub } = await tools.disable(username);
  const nowMs = tools.now();
  const refusedUntilMs = nowMs + REFUSED_MS;
  await tools.persons.refuse(sub, refusedUntilMs, nowMs);
  const clients = await tools.clientsOf(sub);
  let [callsEnded, phonesRemoved] = [0, 0];
  for (const client of clients) {
    if (await leaveCall(tools, client)) callsEnded += 1;
    phonesRemoved += await removePhones(tools, client);
  }
  const known = { sub, refusedUntilMs, clients: clients.length, callsEnded, phonesRemoved };
  if (clients.length === 0) return known;
  return { ...known, operationId: await tools.startDeletion(clients.map(({ clientId }) => clientId)) };
}

/** True if it took the person out of a call. */
async function leaveCall(tools: SignOut, { clientId, activeCallId }: Client): Promise<boolean> {
  if (activeCallId === undefined) return false;
  const rule: Rule = (call, nowMs) => {
    const leg = legOfClient(call, clientId);
    return leg === undefined || isOver(call) ? untouched(call) : removePerson(leg, OPERATOR)(call, nowMs);
  };
  const decision = await changeCall(tools, activeCallId, rule, tools.now());
  return decision?.kind === "changed";
}

/** A slot may name a call that is over: its end was published then. */
const untouched = (call: Call) => ({ kind: "already", call, events: [] }) as const;

async function removePhones(tools: SignOut, { clientId }: Client): Promise<number> {
  for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt += 1) {
    const [client, before] = [await tools.clients.read(clientId), await tools.clients.devices(clientId)];
    if (!client || before.length === 0) return 0;
    if (await tools.clients.commit([{ client, before, after: [] }], tools.now())) return before.length;
  }
  throw new Error(`other requests keep changing the phones of client ${clientId}: run the command again`);
}

/** For the terminal. */
export function signOutReport(username: string, done: SignedOut): string {
  const { sub, refusedUntilMs, clients, callsEnded, phonesRemoved, operationId } = done;
  return [
    `${username} (${sub}) is disabled. Their access tokens are refused until ${new Date(refusedUntilMs).toISOString()}.`,
    `Of their ${clients} clients, ${callsEnded} left a call. ${phonesRemoved} phones were removed.`,
    operationId === undefined
      ? "There is no client to delete."
      : `Deleting the clients: operation ${operationId}`,
  ].join("\n");
}
