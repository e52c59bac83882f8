/**
 * Why a call went as it did, in words for who asks "why did my phone not ring?": from the call's record, what the bus carried
 * and how its executions went. The first sentence is the answer; the others say what each phone was told.
 */
import { LegEnded } from "../../../events/legs.ts";
import type { EndReason } from "../../../events/end-reason.ts";
import { spell } from "./durations.ts";
import type { CallFacts, Leg, StoredCall } from "./facts.ts";
import { phonesTold } from "./told-phones.ts";
import { failureOf } from "./why-failed.ts";
import { nameOf } from "./words.ts";

export type WhyFacts = Pick<CallFacts, "call" | "parties" | "executions" | "events">;

interface Story {
  readonly call: StoredCall;
  readonly facts: WhyFacts;
  readonly caller: string;
  readonly callees: readonly Leg[];
  readonly name: (clientId: string) => string;
  readonly at: (atMs: number) => string;
}

/** `at` spells a moment of the day as the page does. */
export function whyOf(facts: WhyFacts, at: (atMs: number) => string): readonly string[] {
  const { call, parties } = facts;
  if (!call) return ["Nothing is stored of this call any more; its executions tell what happened."];
  const name = (clientId: string): string =>
    nameOf(parties.find((party) => party.clientId === clientId) ?? { clientId });
  const callees = Object.values(call.legs).filter(({ role }) => role === "callee");
  const story: Story = { call, facts, caller: name(call.callerId), callees, name, at };
  const silenced = callees.filter(isSilenced).map((leg) => silence(story, leg));
  const { status, endReason } = call;
  if (status === "ended") {
    const keptSilent = silenced.length > 0 && silenced.length === callees.length;
    const [first, ...more] = ENDINGS[endReason ?? "failed"](story);
    // To phones such a callee looks unreachable: the end reason says no more.
    if (keptSilent && call.answeredAtMs === undefined)
      return [...silenced, ...(endReason === "cancelled" && first ? [first] : [])];
    return [first ?? "", ...silenced, ...more];
  }
  return [...silenced, ...goingOn(story)];
}

const isSilenced = ({ silenced }: Leg): boolean => silenced !== undefined;

function silence({ name, caller, facts: { call } }: Story, leg: Leg): string {
  const who = name(leg.clientId);
  if (leg.silenced === "do_not_disturb") return `Kept silent: ${who} is not to be disturbed.`;
  const added = call !== undefined && Object.keys(call.legs).length > 2;
  return `Kept silent: ${who} has blocked ${added ? `${caller}, or who added them` : caller}.`;
}

/** Of the callees whose phones were to ring. */
function told({ callees, name, at }: Story): string[] {
  return callees
    .filter((leg) => !isSilenced(leg) && leg.leftReason !== "busy")
    .flatMap((leg) => {
      const who = name(leg.clientId);
      const phones = phonesTold(leg, { who, at });
      return phones.length > 0 ? phones : [`${who} has no phone that is registered.`];
    });
}

function goingOn(story: Story): string[] {
  const { call, at } = story;
  switch (call.status) {
    case "answered":
      return [`They have been talking since ${at(call.answeredAtMs ?? call.createdAtMs)}.`];
    case "calling":
      return ["No phone has said yet that it rings.", ...told(story)];
    case "ringing":
    case "ended":
      return told(story);
  }
}

const ENDINGS: Readonly<Record<EndReason, (story: Story) => string[]>> = {
  completed: (story) => {
    const { answeredAtMs, endedAtMs = 0 } = story.call;
    const talk = answeredAtMs === undefined ? "" : ` after ${spell(endedAtMs - answeredAtMs)}`;
    const who = whoLeft(story, "completed");
    return [
      who ? `Completed: ${who} hung up${talk}.` : `Completed: they talked, and one of them hung up${talk}.`,
    ];
  },
  declined: (story) => {
    const said = story.callees
      .filter(({ leftReason, deviceId }) => leftReason === "declined" && deviceId !== undefined)
      .map(
        ({ clientId, deviceId, leftAtMs = 0 }) =>
          `${story.name(clientId)} said no on ${deviceId} at ${story.at(leftAtMs)}`,
      );
    return [`Declined: ${said.join(", ") || `${calleesOf(story)} said no`}.`];
  },
  cancelled: (story) => {
    const { createdAtMs, endedAtMs = createdAtMs } = story.call;
    return [
      `Cancelled: ${story.caller} hung up after ${spell(endedAtMs - createdAtMs)}, before an answer.`,
      ...told(story),
    ];
  },
  missed(story) {
    const phones = told(story);
    const [only = "no one answered in time."] = phones;
    return phones.length === 1 ? [`Missed: ${only}`] : ["Missed: no one answered in time.", ...phones];
  },
  unreachable(story) {
    const phones = told(story);
    const [only = "no phone could be reached."] = phones;
    return phones.length === 1
      ? [`Unreachable: ${only}`]
      : ["Unreachable: no phone could be told.", ...phones];
  },
  busy: (story) => [
    `Busy: ${calleesOf(story, "busy")} was in another call.`,
    ...told({ ...story, callees: story.callees.filter(({ leftReason }) => leftReason !== "busy") }),
  ],
  dropped: (story) => {
    const who = whoLeft(story, "dropped");
    return [
      `Dropped: ${who ? `${who}’s phone` : "a phone"} left the stage, or lost it, and did not come back.`,
    ];
  },
  removed(story) {
    const act = story.call.operatorActs?.findLast((done) => done.act === "removed");
    if (!act?.clientId)
      return ["Removed: an operator removed a participant, and no one was left to talk to."];
    return [
      `Removed: ${act.username} removed ${story.name(act.clientId)} as an operator at ${story.at(act.atMs)}, and no one was left to talk to.`,
    ];
  },
  ended_by_operator(story) {
    const act = story.call.operatorActs?.findLast((done) => done.act === "ended");
    return [
      act
        ? `Ended by operator: ${act.username} ended the call for everyone at ${story.at(act.atMs)}.`
        : "Ended by operator: an operator ended the call.",
    ];
  },
  expired: ({ call: { answeredAtMs = 0, endedAtMs = 0 } }) => [
    `Expired: the call reached its longest duration, ${spell(endedAtMs - answeredAtMs)}.`,
  ],
  failed: (story) => [`Failed: ${failureOf(story.facts.executions)}`, ...told(story)],
};

const calleesOf = ({ callees, name }: Story, reason?: EndReason): string =>
  callees
    .filter(({ leftReason }) => reason === undefined || leftReason === reason)
    .map(({ clientId }) => name(clientId))
    .join(", ");

/** Of several legs that end with the call, the event of the one that ended it came by itself. */
function whoLeft({ facts: { events }, name }: Story, reason: EndReason): string | undefined {
  const ends = events.flatMap(({ type, detail }) =>
    type === LegEnded.name ? (LegEnded.schema.safeParse(detail).data ?? []) : [],
  );
  const first = ends.findLast(({ legEndReason, wakes }) => legEndReason === reason && wakes !== false);
  return first && name(first.clientId);
}
