/** The requests of a phone about its call: each sends, repeats what may be repeated, and tells what came of it. */
import { type CallFacts, factsOfView, type Me } from "./call-facts.ts";
import type { Clock } from "./clock.ts";
import { type CallView, type Commands, isPassing, type Outcome, type Problem } from "./commands.ts";
import type { Deed, PhoneEvent } from "./events-and-deeds.ts";
import { type Screen, talkOf } from "./screen.ts";

export interface Asking {
  readonly me: Me;
  readonly clock: Clock;
  readonly commands: Commands;
  /** A new one each time: the Idempotency-Key of a call. */
  readonly newKey: () => string;
  readonly screen: () => Screen;
  readonly happen: (event: PhoneEvent) => void;
}

/** Pauses before each repeat of a request without a reply. */
export const REPEAT_DELAYS_MS = [500, 1_000, 2_000, 4_000, 8_000] as const;
/** While a user waits for the reply. */
const HASTY_REPEATS = 2;

/** For requests that are safe to repeat. */
async function persist<T>(
  { clock }: Asking,
  repeats: number,
  send: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  for (const delayMs of REPEAT_DELAYS_MS.slice(0, repeats)) {
    const outcome = await send();
    if (outcome.ok || !isPassing(outcome.problem)) return outcome;
    await new Promise<void>((resolve) => void clock.after(delayMs, resolve));
  }
  return send();
}

export async function initiate(asking: Asking, deed: Extract<Deed, { do: "initiate" }>): Promise<void> {
  const { dial, other, media } = deed;
  const { me, commands, happen } = asking;
  const input = { callerId: me.clientId, calleeId: other.clientId, media, deviceId: me.deviceId };
  const options = { idempotencyKey: asking.newKey() };
  const outcome = await persist(asking, HASTY_REPEATS, () => commands.send("initiateCall", input, options));
  if (!outcome.ok) return happen({ is: "refused", dial, problem: outcome.problem });
  const facts = factsOfView(outcome.value, me);
  if (facts) happen({ is: "admitted", dial, facts, token: outcome.value.token });
}

export async function look(asking: Asking, deed: Extract<Deed, { do: "look" }>): Promise<void> {
  const { callId, push, resume } = deed;
  const sinceMs = asking.clock.now();
  const outcome = await asking.commands.send("getCall", { callId });
  const facts = outcome.ok && factsOfView(outcome.value, asking.me);
  if (facts) return asking.happen({ is: "found", facts, name: push?.caller_name, resume });
  if (!outcome.ok && push && isPassing(outcome.problem)) asking.happen({ is: "unread", push, sinceMs });
}

/** A call may have begun before this page heard of any. */
export async function lookForCall(asking: Asking): Promise<void> {
  const { clientId } = asking.me;
  const outcome = await asking.commands.send("getClient", { clientId });
  const callId = outcome.ok ? outcome.value.activeCallId : undefined;
  if (callId) await look(asking, { do: "look", callId, resume: false });
}

/** Its reply is also the newest that is known of the call, and a refusal says that it is over. */
export async function acknowledge(asking: Asking, callId: string): Promise<void> {
  const input = { callId, ...asking.me };
  const send = () => asking.commands.send("ackRinging", input);
  heard(asking, callId, await persist(asking, HASTY_REPEATS, send));
}

export async function answer(asking: Asking, callId: string): Promise<void> {
  const input = { callId, ...asking.me };
  const send = () => asking.commands.send("answerCall", input);
  const outcome = await persist(asking, HASTY_REPEATS, send);
  const facts = outcome.ok && factsOfView(outcome.value, asking.me);
  if (facts) asking.happen({ is: "joined", facts, token: outcome.value.token });
  if (!outcome.ok) asking.happen({ is: "not-joined", callId, problem: outcome.problem, again: false });
}

/** One try: how often and when is the state's to say. */
export async function rejoin(asking: Asking, callId: string): Promise<void> {
  const screen = asking.screen();
  const isBack = "line" in screen && screen.line.connectedAtMs !== undefined;
  if (talkOf(screen)?.callId !== callId || isBack) return;
  const outcome = await asking.commands.send("rejoinCall", { callId, ...asking.me });
  const facts = outcome.ok && factsOfView(outcome.value, asking.me);
  if (facts) asking.happen({ is: "joined", facts, token: outcome.value.token });
  if (outcome.ok) return;
  const { problem } = outcome;
  asking.happen({ is: "not-joined", callId, problem, again: isPassing(problem) });
}

/** The screen has gone on; the other side must hear of it, also over a bad network. */
export async function decline(asking: Asking, callId: string): Promise<void> {
  const send = () => asking.commands.send("declineCall", { callId, ...asking.me });
  heard(asking, callId, await persist(asking, REPEAT_DELAYS_MS.length, send));
}

export async function end(asking: Asking, callId: string): Promise<void> {
  const { clientId } = asking.me;
  const send = () => asking.commands.send("endCall", { callId, clientId });
  const outcome = await persist(asking, REPEAT_DELAYS_MS.length, send);
  const endReason = outcome.ok ? outcome.value.endReason : outcome.problem.endReason;
  told(asking, callId, endReason);
}

function heard(asking: Asking, callId: string, outcome: Outcome<CallView>): void {
  if (!outcome.ok) return told(asking, callId, outcome.problem.endReason);
  const facts: CallFacts | undefined = factsOfView(outcome.value, asking.me);
  if (facts) asking.happen({ is: "found", facts, resume: false });
}

function told({ happen }: Asking, callId: string, ending: Problem["endReason"]): void {
  if (ending) happen({ is: "told-ending", callId, ending });
}
