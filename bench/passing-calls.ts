/**
 * Calls that come and go while clients are deleted: of every 200 clients the first two are in one. It begins through REST when
 * their turn is near, and rings when it comes. All at once from the start they would have stopped ringing before that.
 */
import type { Runtime } from "../packages/local-aws/src/runtime.ts";

/** Of these, two are in a call: one client in a hundred. */
const CLIENTS_A_CALL = 200;
/** How many clients before its own a call begins: 20 seconds at 8 batches a second, less than half of the ring. */
const AHEAD = 16_000;
const EVERY_MS = 1_000;

export interface PassingCalls {
  /** The ids of calls that have begun. */
  readonly begun: readonly string[];
  /** Refused requests, each of which is repeated a second later. */
  refused(): number;
  stop(): void;
}

export interface PassingCallsOptions {
  readonly accessToken: string;
  readonly clients: readonly string[];
  /** The number of clients that the deletion has handled. */
  readonly done: () => number;
}

const callsAmong = (clients: number): number => Math.ceil(clients / CLIENTS_A_CALL);

/** Resolves once the calls of the first clients ring. */
export async function passCalls(runtime: Runtime, options: PassingCallsOptions): Promise<PassingCalls> {
  const { clients, done, accessToken } = options;
  const begun: string[] = [];
  const waiting = Array.from({ length: callsAmong(clients.length) }, (_, call) => call * CLIENTS_A_CALL);
  let [refused, isOver] = [0, false];

  async function begin(place: number): Promise<void> {
    const [callerId, calleeId] = clients.slice(place);
    const callId = await requestCall(runtime, accessToken, { callerId, calleeId });
    if (callId === undefined) refused += 1;
    if (callId === undefined && place > done()) waiting.unshift(place);
    if (callId !== undefined) begun.push(callId);
  }

  async function look(): Promise<void> {
    const due = waiting.filter((place) => place < done() + AHEAD);
    waiting.splice(0, due.length);
    for (const place of due) await begin(place);
    if (!isOver && waiting.length > 0) runtime.localAws.clock.after(EVERY_MS, () => void look());
  }

  await look();
  return { begun, refused: () => refused, stop: () => void (isOver = true) };
}

async function requestCall(
  runtime: Runtime,
  accessToken: string,
  between: { readonly callerId: string | undefined; readonly calleeId: string | undefined },
): Promise<string | undefined> {
  const { body } = await runtime.http({
    method: "POST",
    path: "/",
    query: "",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: Buffer.from(JSON.stringify({ action: "initiateCall", ...between })),
    sourceIp: "127.0.0.1",
  });
  return (JSON.parse(String(body)) as { callId?: string }).callId;
}
