/** What a person is told about the other side's microphone, camera and connection, and about their own permissions. */
import { expect, test } from "vitest";
import { browserKind } from "../../../web/phone/edge/browser-kind.ts";
import { howItIs, type Situation } from "../../../web/phone/state/how-it-is.ts";
import { en } from "../../../web/phone/texts/en.ts";
import { BOB, CALL } from "./phone-world.ts";

type PartyOf = Situation["room"]["parties"][number];

/** Bob's side of a talk with video. */
const bob = (party: Partial<PartyOf> = {}): PartyOf => ({
  participantId: "p1",
  clientId: BOB,
  hasVideo: true,
  muted: false,
  hasMicrophone: true,
  ...party,
});

function said(parties: readonly PartyOf[], more: Partial<Situation> = {}): string {
  const other = { clientId: BOB };
  const talk = { callId: CALL, version: 1, other, outgoing: true, ringUntilMs: 0, heard: true } as const;
  const line = { wasConnected: true, attempts: 0 };
  return howItIs(en, {
    screen: { kind: "in-call", talk: { ...talk, media: "video" }, line },
    room: { parties, leftAlone: false },
    isSettled: true,
    all: "Bob Brown",
    nameOf: () => "Bob Brown",
    ...more,
  });
}

test("a side without a microphone is named to the other side", () => {
  expect(said([bob({ hasMicrophone: false })])).toBe("Bob Brown has no microphone: you cannot hear them.");
});

test("a side without a camera is named in a call with video", () => {
  expect(said([bob({ hasVideo: false })])).toBe("Bob Brown sends no picture.");
});

test("a side that has just come has a moment to send", () => {
  expect(said([bob({ hasMicrophone: false, hasVideo: false })], { isSettled: false })).toBe("");
});

test("a muted microphone is no missing one", () => {
  expect(said([bob({ muted: true })])).toBe("Bob Brown has muted the microphone.");
  expect(said([bob()])).toBe("");
});

test("a lost side is waited for", () => {
  const room = { parties: [], leftAlone: true };
  expect(said([], { room })).toBe("Bob Brown has lost the connection. Waiting …");
});

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "firefox"],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
    "safari",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    "chromium",
  ],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
    "chromium",
  ],
] as const)("the way to allow a microphone is the browser's own: %s", (agent, kind) => {
  expect(browserKind(agent)).toBe(kind);
  expect(en.trouble.allow[kind]).toMatch(/reload the page\.$/);
});
