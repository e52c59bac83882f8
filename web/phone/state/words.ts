/** A call in words: how it stands, why it ended, and what can be done about it. */
import type { EndReason } from "../../../events/end-reason.ts";
import type { Problem } from "../../../packages/client/src/wire/problem.ts";
import type { OwnCall } from "../../../packages/client/src/wire/own-call.ts";
import type { Ended } from "../../../packages/client/src/engine/screen.ts";
import type { Texts } from "../texts/en.ts";
import type { Member } from "./company.ts";
import type { Shown as Screen } from "./phone.ts";
import type { Wrong } from "./wrong.ts";

export interface Said {
  readonly title: string;
  readonly detail?: string;
}

/** What a person can do about a refusal. */
export function saidOfProblem({ problem: t }: Texts, { code, title }: Problem): Said {
  const advice: Partial<Record<Problem["code"], Said>> = {
    network: { title: t.network, detail: t.networkDetail },
    caller_in_call: { title: t.inCall, detail: t.inCallDetail },
    on_another_device: { title: t.elsewhere, detail: t.elsewhereDetail },
    no_stage: { title: t.noStage, detail: t.inSeconds },
    try_again: { title: t.tryAgain, detail: t.inSeconds },
    too_many_calls: { title: t.tooManyCalls, detail: t.inAMinute },
    no_such_client: { title: t.noPhone, detail: t.noPhoneDetail },
    call_full: { title: t.callFull },
    too_many_clients: { title: t.tooManyLines },
    removed_from_call: { title: t.removed, detail: t.removedDetail },
  };
  // The server's own words, in English, help those who are asked for help.
  return advice[code] ?? { title: t.unexpected, detail: title };
}

/** What was wrong with a form. */
export function saidOfWrong({ wrong }: Texts, { code, message }: Wrong): string {
  return code === "unexpected" ? message : wrong[code];
}

/** Who is on the other side: one person, or several in one line. */
export interface Others {
  readonly name: string;
  readonly isGroup: boolean;
}

export function saidOfEnd(texts: Texts, ended: Ended, { name, isGroup }: Others): Said {
  const { ending, cause, outgoing, answeredAtMs } = ended;
  const t = texts.ended;
  // An operator's act is the truth about the end, whatever was pressed meanwhile.
  if (ending === "ended_by_operator" || ending === "removed") return saidOfEnding(t, ended, ending, name);
  if (cause === "hung-up") return saidOfHangUp(t, answeredAtMs !== undefined, isGroup);
  if (cause === "declined") return { title: t.youDeclined };
  if (cause === "lost" && ending === undefined) return { title: t.lost, detail: t.lostDetail };
  if (cause === "moved") return { title: t.moved, detail: t.movedDetail };
  if (ending === "completed" && isGroup) return { title: t.over };
  if (ending) return saidOfEnding(t, ended, ending, name);
  if (cause === "ring-over") return { title: outgoing ? t.noAnswer : t.missed };
  return typeof cause === "object" ? saidOfProblem(texts, cause) : { title: t.over };
}

function saidOfHangUp(t: Texts["ended"], hasTalked: boolean, isGroup: boolean): Said {
  if (!hasTalked) return { title: t.youCancelled };
  return isGroup ? { title: t.youLeft, detail: t.othersTalkOn } : { title: t.youHungUp };
}

function saidOfEnding(
  t: Texts["ended"],
  { outgoing }: Ended,
  ending: NonNullable<Ended["ending"]>,
  name: string,
): Said {
  switch (ending) {
    case "completed":
      return { title: t.hungUp(name) };
    case "declined":
      return { title: outgoing ? t.declined(name) : t.declinedElsewhere };
    case "cancelled":
      return outgoing ? { title: t.cancelled } : { title: t.missed, detail: t.cancelledDetail(name) };
    case "missed":
      return { title: outgoing ? t.noAnswer : t.missed };
    case "unreachable":
      return { title: t.unreachable, detail: t.unreachableDetail(name) };
    case "busy":
      return { title: t.busy, detail: t.busyDetail(name) };
    case "dropped":
      return { title: t.dropped, detail: t.droppedDetail };
    case "removed":
      return { title: t.removed, detail: t.removedDetail };
    case "ended_by_operator":
      return { title: t.byOperator, detail: t.byOperatorDetail };
    case "expired":
      return { title: t.expired };
    case "failed":
      return { title: t.failed, detail: t.failedDetail };
    case "answered_elsewhere":
      return { title: t.answeredElsewhere };
  }
}

const letters = new Intl.Segmenter();

/** What a sentence takes of a name; the whole name stands beside it. */
const MAX_NAME_IN_SENTENCE = 32;

export function shortened(name: string): string {
  const characters = [...letters.segment(name)].map(({ segment }) => segment);
  if (characters.length <= MAX_NAME_IN_SENTENCE) return name;
  return `${characters
    .slice(0, MAX_NAME_IN_SENTENCE - 1)
    .join("")
    .trimEnd()}…`;
}

/** At most two letters. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0] ?? "?"];
  const initials = ends.map((word = "") => letters.segment(word)[Symbol.iterator]().next().value?.segment);
  return initials.join("").toUpperCase();
}

/** A past call in a word or two, for its own side. */
export function pastWords(
  { past: t }: Texts,
  { role, endReason }: Pick<OwnCall, "role" | "endReason">,
): string {
  const isCaller = role === "caller";
  const words: Readonly<Record<EndReason, string>> = {
    completed: isCaller ? t.outgoing : t.incoming,
    declined: t.declined,
    cancelled: isCaller ? t.cancelled : t.missed,
    missed: isCaller ? t.noAnswer : t.missed,
    unreachable: isCaller ? t.unreachable : t.missed,
    busy: isCaller ? t.busy : t.missed,
    dropped: t.dropped,
    removed: t.removed,
    ended_by_operator: t.endedByOperator,
    expired: t.expired,
    failed: t.failed,
  };
  return words[endReason ?? "completed"];
}

type Waiting = Extract<Screen, { kind: "dialling" | "calling" | "connecting" }>;

export function waitingWords({ call: t }: Texts, screen: Waiting): string {
  if (screen.kind === "connecting") return t.connecting;
  return screen.kind === "calling" && screen.talk.heard ? t.ringing : t.calling;
}

/** The whole screen in one line: the title of the window, and what is read aloud. */
export function headlineOf(texts: Texts, screen: Exclude<Screen, { kind: "idle" }>, others: Others): string {
  const { call: t } = texts;
  const { name } = others;
  switch (screen.kind) {
    case "ringing":
      return screen.talk.media === "video" ? t.ringsVideo(name) : t.rings(name);
    case "dialling":
    case "calling":
    case "connecting":
      return t.waiting(waitingWords(texts, screen), name);
    case "in-call":
      return t.inCall(name);
    case "reconnecting":
      return t.comingBack(name);
    case "ended":
      return saidOfEnd(texts, screen, others).title;
  }
}

/** How one person's part in a call stands. */
export function memberWords({ member: t }: Texts, { status, endReason }: Member): string {
  if (status !== "left") return t[status];
  switch (endReason) {
    case "declined":
    case "missed":
    case "unreachable":
    case "busy":
    case "dropped":
    case "removed":
      return t[endReason];
    case "completed":
    case "cancelled":
    case "ended_by_operator":
    case "expired":
    case "failed":
    case undefined:
      return t.left;
  }
}
