import { describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { participantId } from "../../calls/ids.ts";
import { heardSchema, screenHints } from "../../handlers/screen-hints.ts";
import { answered, at, CALL, CALLEE, CALLER, completed, ringing } from "../builders.ts";
import { ALICES_PLACE, BOBS_PLACE, fakeDoubts, fakePresence, message } from "../fake-presence.ts";
import { fakeCalls, fakeEdge } from "../fakes.ts";

/** An event of IVS as its user guide shows it. */
const stageUpdate = (what: "Published" | "Unpublished", participant: string, atMs: number) => ({
  version: "0",
  "detail-type": "IVS Stage Update",
  source: "aws.ivs",
  resources: ["arn:aws:ivs:us-east-1:000000000000:stage/stage-1"],
  detail: {
    session_id: "st-ZyXwvu1T2s",
    event_name: `Participant ${what}`,
    event_time: new Date(atMs).toISOString().replace(/\.\d+/, ""),
    event_time_precise: new Date(atMs).toISOString().replace("Z", "456Z"),
    user_id: "",
    participant_id: participant,
    replica: false,
  },
});
const callAnswered = { source: "ringmaster", "detail-type": "CallAnswered", detail: { callId: CALL, v: 1 } };

function world(call: Call, nowMs = at(60)) {
  const calls = fakeCalls(call);
  const tools = { presence: fakePresence(calls), doubts: fakeDoubts(), edge: fakeEdge(nowMs) };
  const hear = (...events: object[]) =>
    screenHints(
      tools,
      events.map((event, index) => message(heardSchema.parse(event), `message-${index}`)),
    );
  return { ...tools, hear, passed: () => tools.doubts.passed.map(({ hint }) => hint) };
}

describe("who begins to publish", () => {
  test("is remembered, and nothing is read", async () => {
    const it = world(answered());
    expect((await it.hear(stageUpdate("Published", BOBS_PLACE, at(6)))).outcomes).toEqual({ seen: 1 });
    expect(it.presence.seen.get(`${CALL}#2`)).toEqual({ tokenNumber: 1, atMs: at(6) });
    expect([it.presence.state.reads, it.passed()]).toEqual([0, []]);
  });

  test("stays remembered when an older event comes late", async () => {
    const it = world(answered());
    const places = [participantId(CALL, CALLEE, 2), BOBS_PLACE];
    for (const place of places)
      await it.hear(stageUpdate("Published", place, at(place === BOBS_PLACE ? 70 : 50)));
    expect(it.presence.seen.get(`${CALL}#2`)).toEqual({ tokenNumber: 2, atMs: at(50) });
  });
});

describe("who stops publishing", () => {
  test("in an answered call is passed on, with the time of the event", async () => {
    const it = world(answered());
    expect((await it.hear(stageUpdate("Unpublished", BOBS_PLACE, at(30)))).outcomes).toEqual({ doubtful: 1 });
    expect(it.passed()).toEqual([
      { kind: "unpublished", callId: CALL, leg: CALLEE, tokenNumber: 1, atMs: at(30) },
    ]);
  });

  test("and is back by now is not passed on", async () => {
    const it = world(answered());
    await it.hear(stageUpdate("Published", BOBS_PLACE, at(35)));
    const { outcomes } = await it.hear(stageUpdate("Unpublished", BOBS_PLACE, at(30)));
    expect([outcomes, it.passed()]).toEqual([{ answered: 1 }, []]);
  });

  test("because the call is over is not passed on", async () => {
    const it = world(completed(), at(80));
    const { outcomes } = await it.hear(stageUpdate("Unpublished", BOBS_PLACE, at(60)));
    expect([outcomes, it.passed()]).toEqual([{ answered: 1 }, []]);
  });

  test("while it still rings is forgotten, so that the check after the answer looks", async () => {
    const it = world(ringing(), at(25));
    await it.hear(stageUpdate("Published", ALICES_PLACE, at(1)));
    await it.hear(stageUpdate("Unpublished", ALICES_PLACE, at(3)));
    expect([it.presence.seen.size, it.passed()]).toEqual([0, []]);
  });

  test("and has begun again while it rings stays remembered", async () => {
    const it = world(ringing(), at(25));
    await it.hear(stageUpdate("Published", ALICES_PLACE, at(4)));
    await it.hear(stageUpdate("Unpublished", ALICES_PLACE, at(3)));
    expect(it.presence.seen.get(`${CALL}#1`)).toEqual({ tokenNumber: 1, atMs: at(4) });
  });
});

describe("an answer", () => {
  test("is passed on once if a leg was not seen, however often it was announced", async () => {
    const it = world(answered());
    await it.hear(stageUpdate("Published", ALICES_PLACE, at(1)));
    expect((await it.hear(callAnswered, callAnswered)).outcomes).toEqual({ doubtful: 2 });
    expect(it.passed()).toEqual([{ kind: "answered", callId: CALL }]);
    expect(it.presence.state.reads).toBe(1);
  });

  test("ends here if both legs were seen", async () => {
    const it = world(answered());
    for (const [leg, place] of [ALICES_PLACE, BOBS_PLACE].entries())
      await it.hear(stageUpdate("Published", place, at(leg + 1)));
    expect((await it.hear(callAnswered)).outcomes).toEqual({ answered: 1 });
    expect(it.passed()).toEqual([]);
  });
});

test("a participant that is not of our making, or of a call that does not exist, concerns nobody", async () => {
  const it = world(answered());
  const elsewhere = participantId(CALL, CALLER, 1).replace("01a3", "01b3");
  const { outcomes, failed } = await it.hear(
    stageUpdate("Unpublished", "Mx6clRRHODPy", at(30)),
    stageUpdate("Unpublished", elsewhere, at(30)),
  );
  expect([outcomes, failed, it.passed()]).toEqual([{ foreign: 1, answered: 1 }, [], []]);
});

test("a hint that cannot be screened or passed on goes back to its queue, the others do not", async () => {
  const it = world(answered());
  it.presence.state.failures = 1;
  const both = [
    stageUpdate("Unpublished", BOBS_PLACE, at(30)),
    stageUpdate("Published", ALICES_PLACE, at(30)),
  ];
  expect((await it.hear(...both)).failed).toEqual(["message-0"]);
  it.doubts.state.failures = 1;
  expect((await it.hear(...both)).failed).toEqual(["message-0"]);
  expect((await it.hear(...both)).failed).toEqual([]);
});
