/** A call in words: how it stands, why it ended, and what can be done about it. */
import type { EndReason } from "../../../events/end-reason.ts";
import type { Problem } from "../../../packages/client/src/wire/problem.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";
import type { Ended } from "../../../packages/client/src/engine/screen.ts";
import type { Shown as Screen } from "./phone.ts";

export interface Said {
  readonly title: string;
  readonly detail?: string;
}

/** What a person can do about a refusal; the rest is said in the server's own words. */
const ADVICE: Partial<Record<Problem["code"], Said>> = {
  network: {
    title: "No connection",
    detail: "The server could not be reached. Check the network and call again.",
  },
  caller_in_call: { title: "You are in another call", detail: "Go back to it, or hang it up there first." },
  on_another_device: {
    title: "Continued elsewhere",
    detail: "This call goes on with another of your phones.",
  },
  no_stage: { title: "All lines are taken", detail: "Try again in a few seconds." },
  try_again: { title: "That did not work", detail: "Try again in a few seconds." },
  too_many_calls: { title: "Too many calls", detail: "Wait a minute before the next one." },
  no_such_client: { title: "Not reachable", detail: "This person has no phone any more." },
};

export const saidOfProblem = ({ code, title, detail }: Problem): Said => ADVICE[code] ?? { title, detail };

/** `name` is who was on the other side. */
export function saidOfEnd(ended: Ended, name: string): Said {
  const { ending, cause, outgoing, answeredAtMs } = ended;
  if (cause === "hung-up")
    return { title: answeredAtMs === undefined ? "You cancelled the call" : "You hung up" };
  if (cause === "declined") return { title: "You declined" };
  if (cause === "lost" && ending === undefined)
    return { title: "Connection lost", detail: "It did not come back in time. You can call again." };
  if (cause === "moved")
    return { title: "Continued elsewhere", detail: "This call goes on in another window." };
  if (ending) return saidOfEnding(ending, outgoing, name);
  if (cause === "ring-over") return { title: outgoing ? "No answer" : "Missed call" };
  return typeof cause === "object" ? saidOfProblem(cause) : { title: "The call is over" };
}

function saidOfEnding(ending: NonNullable<Ended["ending"]>, outgoing: boolean, name: string): Said {
  switch (ending) {
    case "completed":
      return { title: `${name} hung up` };
    case "declined":
      return { title: outgoing ? `${name} declined` : "Declined on another of your phones" };
    case "cancelled":
      return outgoing
        ? { title: "Cancelled" }
        : { title: "Missed call", detail: `${name} hung up before you answered.` };
    case "missed":
      return { title: outgoing ? "No answer" : "Missed call" };
    case "unreachable":
      return { title: "Not reachable", detail: `No phone of ${name} could be rung.` };
    case "busy":
      return { title: "Busy", detail: `${name} is in another call.` };
    case "dropped":
      return { title: "The call broke off", detail: "One side lost its connection for too long." };
    case "removed":
      return { title: "You were removed from the call", detail: "An operator took you out of it." };
    case "ended_by_operator":
      return { title: "Ended by an operator" };
    case "expired":
      return { title: "The call reached its longest time" };
    case "failed":
      return { title: "The call failed", detail: "Something went wrong on the server. You can call again." };
    case "answered_elsewhere":
      return { title: "Answered on another of your phones" };
  }
}

/** As a clock shows it: 0:07, 12:40, 1:02:03. */
export function durationOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const padded = (value: number): string => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${padded(m)}:${padded(s)}` : `${m}:${padded(s)}`;
}

const letters = new Intl.Segmenter();

/** At most two letters. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0] ?? "?"];
  const initials = ends.map((word = "") => letters.segment(word)[Symbol.iterator]().next().value?.segment);
  return initials.join("").toUpperCase();
}

const PAST: Readonly<Record<EndReason, readonly [asCaller: string, asCallee: string]>> = {
  completed: ["Outgoing", "Incoming"],
  declined: ["Declined", "Declined"],
  cancelled: ["Cancelled", "Missed"],
  missed: ["No answer", "Missed"],
  unreachable: ["Not reachable", "Missed"],
  busy: ["Busy", "Missed"],
  dropped: ["Broke off", "Broke off"],
  removed: ["Removed by an operator", "Removed by an operator"],
  ended_by_operator: ["Ended by an operator", "Ended by an operator"],
  expired: ["Longest time reached", "Longest time reached"],
  failed: ["Failed", "Failed"],
};

/** A past call in a word or two, for its own side. */
export function pastWords({ role, endReason }: Pick<OwnCall, "role" | "endReason">): string {
  const [asCaller, asCallee] = PAST[endReason ?? "completed"];
  return role === "caller" ? asCaller : asCallee;
}

type Waiting = Extract<Screen, { kind: "dialling" | "calling" | "connecting" }>;

export function waitingWords(screen: Waiting): string {
  if (screen.kind === "connecting") return "Connecting …";
  return screen.kind === "calling" && screen.talk.heard ? "Ringing …" : "Calling …";
}

/** The whole screen in one line: the title of the window, and what is read aloud. */
export function headlineOf(screen: Exclude<Screen, { kind: "idle" }>, name: string): string {
  switch (screen.kind) {
    case "ringing":
      return `${name} is calling${screen.talk.media === "video" ? " with video" : ""}`;
    case "dialling":
    case "calling":
    case "connecting":
      return `${waitingWords(screen)} ${name}`;
    case "in-call":
      return `In a call with ${name}`;
    case "reconnecting":
      return `Connection lost, coming back to ${name}`;
    case "ended":
      return saidOfEnd(screen, name).title;
  }
}
