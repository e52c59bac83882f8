/** Calls as phones make them: through the REST API, the functions' bundles, the workflow, and tokens that are checked. */
import { signIn } from "../../local/people.ts";
import { type Reply, request } from "../../local/phones.ts";
import type { Runtime } from "../../packages/local-aws/src/runtime.ts";
import type { Participant } from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import { plantClients } from "../planted-clients.ts";
import type { Ending } from "./arrivals.ts";
import type { CallersJoin } from "./ceiling.ts";
import type { CallMaker } from "./leased-calls.ts";
import type { Outcome } from "./tally.ts";

const RINGS_AFTER_MS = 1_000;
const LEAVES_AFTER_MS = 1_000;

/** All are Alice's clients, so that one access token makes their calls; as many pairs as calls can be open at once. */
export async function wholeCalls(
  runtime: Runtime,
  { mostOpen, callersJoin }: { readonly mostOpen: number; readonly callersJoin: CallersJoin },
): Promise<CallMaker> {
  const { clock } = runtime.localAws;
  const clients = await plantClients(runtime, 2 * mostOpen);
  const waiting = clients.flatMap((caller, index) => {
    const callee = clients[index + 1];
    return index % 2 === 0 && callee ? [{ caller, callee }] : [];
  });
  const accessToken = await signIn(runtime, "alice");
  const send = (body: object): Promise<Reply> =>
    request(runtime, accessToken, JSON.stringify({ deviceId: "phone", ...body }));

  async function joins({ status, body }: Reply): Promise<Participant> {
    if (status !== 200) throw new Error(`the call did not go its way: ${JSON.stringify(body)}`);
    return runtime.ivs.join(String(body["token"]));
  }

  async function begin(ending: Ending): Promise<Outcome> {
    const pair = waiting.shift();
    if (!pair) throw new Error(`more than ${mostOpen} calls are open`);
    const { caller, callee } = pair;
    const called = await send({ action: "initiateCall", callerId: caller, calleeId: callee });
    if (called.status !== 200) {
      waiting.push(pair);
      return called.body["code"] === "no_stage" ? "refused" : "failed";
    }
    const inside = callersJoin === "at once" ? [await joins(called)] : [];
    const callId = String(called.body["callId"]);
    void live({ callId, caller, callee, called }, ending, inside).finally(() => waiting.push(pair));
    return "served";
  }

  async function live(
    { callId, caller, callee, called }: Made,
    ending: Ending,
    inside: Participant[],
  ): Promise<void> {
    await pause(RINGS_AFTER_MS);
    await send({ action: "ackRinging", clientId: callee, callId });
    switch (ending.kind) {
      case "completed":
        await pause(ending.answerMs - RINGS_AFTER_MS);
        if (inside.length === 0) inside.push(await joins(called));
        inside.push(await joins(await send({ action: "answerCall", clientId: callee, callId })));
        await pause(ending.talkMs);
        await send({ action: "endCall", clientId: caller, callId });
        break;
      case "declined":
        await pause(ending.afterMs - RINGS_AFTER_MS);
        await send({ action: "declineCall", clientId: callee, callId });
        break;
      case "cancelled":
        await pause(ending.afterMs - RINGS_AFTER_MS);
        await send({ action: "endCall", clientId: caller, callId });
        break;
      case "missed":
        await pause(RING_MS);
    }
    await pause(LEAVES_AFTER_MS);
    for (const one of inside) runtime.ivs.leave(one);
    // A pair that is used again at once would be found in its last call while that is being closed.
    await pause(CLOSED_AFTER_MS);
  }

  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  return { begin };
}

interface Made {
  readonly callId: string;
  readonly caller: string;
  readonly callee: string;
  /** The reply to the caller. */
  readonly called: Reply;
}

/** The ring that `context` sets, and the moment until its end is known. */
const RING_MS = 46_000;
const CLOSED_AFTER_MS = 10_000;
