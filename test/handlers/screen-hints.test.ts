import { describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { participantId, type ParticipantOf, participantOf } from "../../calls/ids.ts";
import { stageUpdate as ofIvs } from "../../handlers/media/ivs/stage-update.ts";
import { heardSchema, screenHints } from "../../handlers/media/screen-hints.ts";
import { answered, at, CALL, CALLEE, CALLER, callId, completed, ringing } from "../builders.ts";
import { ALICES_PLACE, BOBS_PLACE, fakeDoubts, fakePresence, fakeQueue, message } from "../fake-presence.ts";
import { fakeCalls, fakeEdge } from "../fakes.ts";

/** An event in the form that IVS's user guide shows. */
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
const sayingOf = (place: string, atMs: number) => ({ ...(participantOf(place) as ParticipantOf), atMs });
const callAnswered = { source: "ringmaster", "detail-type": "CallAnswered", detail: { callId: CALL, v: 1 } };

function world(call: Call, nowMs = at(60)) {
  const calls = fakeCalls(call);
  const presence = fakePresence(calls);
  const tools = {
    presence,
    removals: presence.list,
    doubts: fakeDoubts(),
    blinks: fakeDoubts(),
    wakes: fakeQueue<{ kind: "due" }>(),
    edge: fakeEdge(nowMs),
    graceMs: 8_000,
  };
  const hear = (...events: object[]) =>
    screenHints(
      tools,
      events.map((event, index) => message(heardSchema(ofIvs).parse(event), `message-${index}`)),
    );
  return {
    ...tools,
    hear,
    passed: () => tools.doubts.passed.map(({ hint }) => hint),
    /** Participants whose removal is due. */
    listed: () => [...presence.removals.values()].flatMap(({ target, dueAtMs }) => (dueAtMs ? [target] : [])),
  };
}

describe("a participant who begins to publish", () => {
  test("is remembered", async () => {
    const it = world(answered());
    expect((await it.hear(stageUpdate("Published", BOBS_PLACE, at(6)))).outcomes).toEqual({ seen: 1 });
    expect(await it.presence.sighting(CALLEE)).toEqual({ tokenNumber: 1, atMs: at(6) });
    expect([it.passed(), it.listed()]).toEqual([[], []]);
  });

  test("stays remembered when an older event arrives late", async () => {
    const it = world(answered());
    const places = [participantId(CALL, CALLEE, 2), BOBS_PLACE];
    for (const place of places)
      await it.hear(stageUpdate("Published", place, at(place === BOBS_PLACE ? 70 : 50)));
    expect(await it.presence.sighting(CALLEE)).toEqual({ tokenNumber: 2, atMs: at(50) });
  });

  test("after the end of the call is listed for removal at once, and the remover is woken", async () => {
    const it = world(completed(), at(90));
    for (const [index, place] of [ALICES_PLACE, BOBS_PLACE].entries()) {
      await it.presence.remember("published", sayingOf(place, at(6 + index)));
      await it.presence.remember("unpublished", sayingOf(place, at(61)));
    }
    expect((await it.hear(stageUpdate("Published", BOBS_PLACE, at(89)))).outcomes).toEqual({ over: 1 });
    expect([it.listed(), it.wakes.passed.length]).toEqual([[BOBS_PLACE], 1]);
    await it.hear(stageUpdate("Published", BOBS_PLACE, at(89)));
    expect(it.wakes.passed).toHaveLength(1);
  });

  test("within the grace period of an ended call is left to the check after it", async () => {
    const it = world(completed(), at(65));
    await it.hear(stageUpdate("Published", BOBS_PLACE, at(64)));
    expect(it.listed()).toEqual([]);
  });
});

describe("a participant who stops publishing", () => {
  /** Feeds the delayed hints back in. */
  const waited = (it: ReturnType<typeof world>) => it.hear(...it.blinks.passed.map(({ hint }) => hint));

  test("in an answered call is passed on after a delay, with the time of the event", async () => {
    const it = world(answered());
    expect((await it.hear(stageUpdate("Unpublished", BOBS_PLACE, at(30)))).outcomes).toEqual({ waits: 1 });
    expect([it.passed(), it.blinks.passed.map(({ delaySeconds }) => delaySeconds)]).toEqual([[], [20]]);
    expect((await waited(it)).outcomes).toEqual({ doubtful: 1 });
    expect(it.passed()).toEqual([
      { kind: "unpublished", callId: CALL, leg: CALLEE, tokenNumber: 1, atMs: at(30) },
    ]);
  });

  test("and begins again within the delay is not passed on", async () => {
    const it = world(answered());
    await it.hear(stageUpdate("Unpublished", BOBS_PLACE, at(30)));
    await it.hear(stageUpdate("Published", BOBS_PLACE, at(35)));
    expect([(await waited(it)).outcomes, it.passed()]).toEqual([{ answered: 1 }, []]);
  });

  test("after the end of the call is remembered and not passed on", async () => {
    const it = world(completed(), at(80));
    const { outcomes } = await it.hear(stageUpdate("Unpublished", BOBS_PLACE, at(60)));
    expect([outcomes, it.passed(), it.blinks.passed]).toEqual([{ answered: 1 }, [], []]);
    expect(it.presence.traces.get(BOBS_PLACE)).toMatchObject({ unpublishedAtMs: at(60) });
  });

  test("while the call rings counts as never seen, so that the check after the answer looks for it", async () => {
    const it = world(ringing(), at(25));
    await it.hear(stageUpdate("Published", ALICES_PLACE, at(1)));
    await it.hear(stageUpdate("Unpublished", ALICES_PLACE, at(3)));
    expect([await it.presence.sighting(CALLER), it.passed(), it.blinks.passed]).toEqual([undefined, [], []]);
  });

  test("and has begun again while the call rings stays seen", async () => {
    const it = world(ringing(), at(25));
    await it.hear(stageUpdate("Published", ALICES_PLACE, at(4)));
    await it.hear(stageUpdate("Unpublished", ALICES_PLACE, at(3)));
    expect(await it.presence.sighting(CALLER)).toEqual({ tokenNumber: 1, atMs: at(4) });
  });
});

describe("a call that is over", () => {
  const over = { kind: "ended", callId: CALL };
  async function talked(): Promise<ReturnType<typeof world>> {
    const it = world(completed(), at(70));
    for (const place of [ALICES_PLACE, BOBS_PLACE])
      await it.presence.remember("published", sayingOf(place, at(6)));
    return it;
  }

  test("needs no removal if its phones have stopped publishing", async () => {
    const it = await talked();
    for (const place of [ALICES_PLACE, BOBS_PLACE]) await it.hear(stageUpdate("Unpublished", place, at(61)));
    expect((await it.hear(over)).outcomes).toEqual({ over: 1 });
    expect([it.listed(), it.wakes.passed]).toEqual([[], []]);
  });

  test("has a participant removed that still publishes, once, however often the end is heard", async () => {
    const it = await talked();
    await it.hear(stageUpdate("Unpublished", ALICES_PLACE, at(61)));
    await it.hear(over, over);
    await it.hear(over);
    expect([it.listed(), it.wakes.passed.length]).toEqual([[BOBS_PLACE], 1]);
  });

  test("or whose leg has ended, is heard on the bus as well", async () => {
    const event = { source: "ringmaster", "detail-type": "LegUpdated", detail: { callId: CALL, v: 1 } };
    const it = await talked();
    await it.hear(event);
    expect(it.listed()).toEqual(["stage"]);
  });
});

describe("an answer", () => {
  test("is passed on once if a leg was not seen, however often it is published", async () => {
    const it = world(answered());
    await it.hear(stageUpdate("Published", ALICES_PLACE, at(1)));
    expect((await it.hear(callAnswered, callAnswered)).outcomes).toEqual({ doubtful: 2 });
    expect(it.passed()).toEqual([{ kind: "answered", callId: CALL }]);
    expect(it.presence.state.reads).toBe(2);
  });

  test("is not passed on if both legs were seen", async () => {
    const it = world(answered());
    for (const [leg, place] of [ALICES_PLACE, BOBS_PLACE].entries())
      await it.hear(stageUpdate("Published", place, at(leg + 1)));
    expect((await it.hear(callAnswered)).outcomes).toEqual({ answered: 1 });
    expect(it.passed()).toEqual([]);
  });
});

test("a participant of another system, or of a call that does not exist, is ignored", async () => {
  const it = world(answered());
  const elsewhere = participantId(CALL, CALLER, 1).replace("01a3", "01b3");
  const { outcomes, failed } = await it.hear(
    stageUpdate("Unpublished", "Mx6clRRHODPy", at(30)),
    stageUpdate("Unpublished", elsewhere, at(30)),
  );
  expect([outcomes, failed, it.passed()]).toEqual([{ foreign: 1, answered: 1 }, [], []]);
});

test("a hint that cannot be screened or passed on goes back to its queue, and the others do not", async () => {
  const it = world(answered());
  const elsewhere = { ...callAnswered, detail: { callId: callId(2), v: 1 } };
  it.presence.state.failures = 1;
  expect((await it.hear(callAnswered, elsewhere)).failed).toEqual(["message-0"]);
  it.doubts.state.failures = 1;
  expect((await it.hear(callAnswered, elsewhere)).failed).toEqual(["message-0"]);
  expect((await it.hear(callAnswered, elsewhere)).failed).toEqual([]);
});
