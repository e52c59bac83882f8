/** The requests of a phone about its call: each sends, repeats what may be repeated, and tells what came of it. */
import { type Clock, pause } from "../time/clock.ts";
import { isPassing, mayPass, type Outcome, type Problem } from "../wire/problem.ts";
import type { CallView } from "../wire/replies.ts";
import { type Commands, persist, REPEAT_DELAYS_MS } from "../wire/rest-api.ts";
import { factsOfView, isLive, type Me } from "./call-facts.ts";
import type { Deed, PhoneEvent } from "./events-and-deeds.ts";
import { type Screen, talkOf } from "./screen.ts";

export { REPEAT_DELAYS_MS };

export interface Asking {
  readonly me: Me;
  readonly clock: Clock;
  readonly commands: Commands;
  /** A new one each time: the Idempotency-Key of a call. */
  readonly newKey: () => string;
  /** Updates do not flow at present. */
  readonly isDeaf?: () => boolean;
  readonly screen: () => Screen;
  readonly happen: (event: PhoneEvent) => void;
}

/** While a user waits for the reply. */
const HASTY_REPEATS = 2;
/** While a push alone says that it rings: about as long as that is believed. */
const RINGING_REPEATS = 4;
/** A phone that was woken rings without a reply of the server's after so long. */
const PATIENCE_MS = 2_000;

const insist = <T>(
  { clock }: Asking,
  repeats: number,
  send: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> => persist(clock, repeats, send, mayPass);

export async function initiate(asking: Asking, deed: Extract<Deed, { do: "initiate" }>): Promise<void> {
  const { dial, other, media, more = [] } = deed;
  const { me, commands, happen } = asking;
  const whom = more.length > 0 ? { calleeIds: [other.clientId, ...more] } : { calleeId: other.clientId };
  const input = { callerId: me.clientId, ...whom, media, deviceId: me.deviceId };
  const options = { idempotencyKey: asking.newKey() };
  const send = () => commands.send("initiateCall", input, options);
  const outcome = await persist(asking.clock, HASTY_REPEATS, send);
  if (!outcome.ok) {
    happen({ is: "refused", dial, problem: outcome.problem });
    return isPassing(outcome.problem) ? endStray(asking, other.clientId) : undefined;
  }
  const facts = factsOfView(outcome.value, me);
  if (facts) happen({ is: "admitted", dial, facts, token: outcome.value.token });
}

/** The request had no reply, and the call may ring: this phone ends a call of its own that it does not know of, as soon as the server answers. */
async function endStray(asking: Asking, calleeId: string): Promise<void> {
  const { me, commands, screen } = asking;
  const read = async (): Promise<Outcome<CallView | undefined>> => {
    const client = await commands.send("getClient", { clientId: me.clientId });
    if (!client.ok) return client;
    const { activeCallId: callId } = client.value;
    return callId ? commands.send("getCall", { callId }) : { ok: true, value: undefined };
  };
  const found = await insist(asking, REPEAT_DELAYS_MS.length, read);
  const facts = found.ok && found.value ? factsOfView(found.value, me) : undefined;
  if (!facts || !isLive(facts) || facts.elsewhere || facts.myRole !== "caller") return;
  // Meanwhile the same person may have been called again, which is the same call.
  const isWanted = screen().kind === "dialling" || talkOf(screen())?.callId === facts.callId;
  if (facts.otherId === calleeId && !isWanted) await end(asking, facts.callId);
}

export async function look(asking: Asking, deed: Extract<Deed, { do: "look" }>): Promise<void> {
  const { callId, push, resume, takeOver } = deed;
  const sinceMs = asking.clock.now();
  const unread = (): void => push && asking.happen({ is: "unread", push, sinceMs });
  const callOff = push && asking.clock.after(PATIENCE_MS, unread);
  const outcome = await asking.commands.send("getCall", { callId });
  callOff?.();
  const facts = outcome.ok && factsOfView(outcome.value, asking.me);
  if (facts) return asking.happen({ is: "found", facts, name: push?.caller_name, resume, takeOver });
  if (!outcome.ok && mayPass(outcome.problem)) return unread();
  if (!outcome.ok && push) asking.happen({ is: "refused-push", callId, problem: outcome.problem });
}

/** A call may have begun before this phone heard of any. */
export async function lookForCall(asking: Asking): Promise<void> {
  const { clientId } = asking.me;
  const outcome = await asking.commands.send("getClient", { clientId });
  const callId = outcome.ok ? outcome.value.activeCallId : undefined;
  if (callId) await look(asking, { do: "look", callId, resume: false });
}

/** Its reply is also the newest that is known of the call, and a refusal says that it is over. */
export async function acknowledge(asking: Asking, callId: string): Promise<void> {
  const send = () => asking.commands.send("ackRinging", { callId, ...asking.me });
  heard(asking, callId, await insist(asking, RINGING_REPEATS, send));
}

/** A phone that was woken may be without a network for seconds, and the caller goes on hearing it ring: so it is repeated as an end is. */
export async function answer(asking: Asking, callId: string): Promise<void> {
  const send = () => asking.commands.send("answerCall", { callId, ...asking.me });
  const outcome = await insist(asking, REPEAT_DELAYS_MS.length, send);
  const facts = outcome.ok && factsOfView(outcome.value, asking.me);
  if (facts) asking.happen({ is: "joined", facts, token: outcome.value.token });
  if (!outcome.ok) asking.happen({ is: "not-joined", callId, problem: outcome.problem, again: false });
}

/** One try: how often and when is the state's to say. */
export async function rejoin(asking: Asking, callId: string, takeOver = false): Promise<void> {
  const screen = asking.screen();
  const isBack = "line" in screen && screen.line.connectedAtMs !== undefined;
  if (talkOf(screen)?.callId !== callId || isBack) return;
  const input = { callId, ...asking.me, ...(takeOver && { takeOver }) };
  const outcome = await asking.commands.send("rejoinCall", input);
  const facts = outcome.ok && factsOfView(outcome.value, asking.me);
  if (facts) asking.happen({ is: "joined", facts, token: outcome.value.token });
  if (outcome.ok) return;
  const { problem } = outcome;
  asking.happen({ is: "not-joined", callId, problem, again: mayPass(problem) });
}

/** The screen has gone on; the other side must hear of it, also over a bad network. */
export async function decline(asking: Asking, callId: string): Promise<void> {
  const send = () => asking.commands.send("declineCall", { callId, ...asking.me });
  heard(asking, callId, await insist(asking, REPEAT_DELAYS_MS.length, send));
}

/** Without updates this phone may not know that another one of the same person is in the call now: that one's part is not to be ended. */
export async function end(asking: Asking, callId: string): Promise<void> {
  if (asking.isDeaf?.() && (await isElsewhere(asking, callId))) return;
  const send = () => asking.commands.send("endCall", { callId, ...asking.me });
  const outcome = await insist(asking, REPEAT_DELAYS_MS.length, send);
  const endReason = outcome.ok ? outcome.value.endReason : outcome.problem.endReason;
  told(asking, callId, endReason);
}

/** A network that says nothing in time is no reason not to hang up. */
async function isElsewhere({ clock, commands, me }: Asking, callId: string): Promise<boolean> {
  const waited = pause(clock, PATIENCE_MS).then(() => undefined);
  const read = await Promise.race([commands.send("getCall", { callId }), waited]);
  return read?.ok === true && factsOfView(read.value, me)?.elsewhere === true;
}

function heard(asking: Asking, callId: string, outcome: Outcome<CallView>): void {
  if (!outcome.ok) return told(asking, callId, outcome.problem.endReason);
  const facts = factsOfView(outcome.value, asking.me);
  if (facts) asking.happen({ is: "found", facts, resume: false });
}

function told({ happen }: Asking, callId: string, ending: Problem["endReason"]): void {
  if (ending) happen({ is: "told-ending", callId, ending });
}
