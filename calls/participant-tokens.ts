/** Which participant token a leg gets: rules of a call (rules.ts). */
import type { Announcement } from "../events/event.ts";
import { type Call, isOver, legOf, legsOf } from "./call.ts";
import { calleeLegs, isReusable, nextVersion, withLeg, withParticipantToken } from "./legs.ts";
import { MAX_PARTICIPANTS_KEPT } from "./limits.ts";
import { overForLeg, refusedTo, type Rule } from "./rules.ts";
import { announce, announceToken } from "./snapshot.ts";

/** Prepares the callees' participants, each `jti`, while their phones ring. The answer's write sets the expiry. */
export const prepareTokens: Rule = (call) => {
  if (isOver(call)) return { kind: "already", call, events: [] };
  const rung = calleeLegs(call).filter((leg) => legOf(call, leg).status !== "left");
  const bare = rung.filter((leg) => legOf(call, leg).tokenCount === 0);
  if (bare.length === 0) {
    return { kind: "already", call, events: rung.map((leg) => announceToken(call, leg)) };
  }
  const prepared = bare.reduce(
    (rest, leg) => withLeg(rest, leg, { ...legOf(rest, leg), tokenCount: 1 }),
    call,
  );
  const next = nextVersion(prepared);
  return { kind: "changed", call: next, events: bare.map((leg) => announceToken(next, leg)) };
};

/** A leg that takes part asks for a token again: it gets the same one while that is good, else the next number. */
export const renewToken =
  (leg: number): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    const refused = refusedTo(call, leg, nowMs);
    if (refused) return refused;
    if (acting.status === "left") return overForLeg(call, acting);
    const events = (told: Call) => (told.answeredAtMs === undefined ? announce("CallInitiated", told) : []);
    return tokenAgain(leg, events)(call, nowMs);
  };

/** A request for a token is a sign of life: a doubt about the leg is over (presence.ts, P3). */
export const tokenAgain =
  (leg: number, eventsOf: (call: Call) => readonly Announcement[]): Rule =>
  (call, nowMs) => {
    const { doubt, ...acting } = legOf(call, leg);
    const reusable = isReusable(acting, nowMs);
    if (reusable && !doubt) return { kind: "already", call, events: eventsOf(call) };
    const fromMs = call.answeredAtMs === undefined ? Math.max(nowMs, call.ringUntilMs) : nowMs;
    const renewed = reusable ? acting : withParticipantToken(call, acting, acting.tokenCount + 1, fromMs);
    const next = nextVersion(withLeg(call, leg, renewed));
    return { kind: "changed", call: next, events: eventsOf(next) };
  };

/** The media provider chose this participant's id, stored before the token is given out so that the participant can be removed. */
export const namedByProvider =
  (leg: number, id: string): Rule =>
  (call, nowMs) => {
    const acting = legOf(call, leg);
    const refused = refusedTo(call, leg, nowMs);
    if (refused) return refused;
    if (acting.status === "left") return overForLeg(call, acting);
    const participants = [...(acting.participants ?? []), id].slice(-MAX_PARTICIPANTS_KEPT);
    return {
      kind: "changed",
      call: nextVersion(withLeg(call, leg, { ...acting, participants })),
      events: [],
    };
  };

/** The latest moment at which a participant token of the call could still be used to join. */
export function tokensUntilMs(call: Call): number {
  return Math.max(0, ...legsOf(call).map((leg) => leg.tokensUntilMs));
}
