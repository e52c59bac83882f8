/** The view of a call for the people who may read it. */
import { expect, test } from "vitest";
import { callViewSchema } from "../../api/call-view.ts";
import { callView } from "../../api/call-view.ts";
import {
  alice,
  at,
  bob,
  BOBS_PHONE,
  BOBS_TABLET,
  calling,
  carol,
  completed,
  pushedTo,
  ringing,
} from "../builders.ts";

const viewer = ({ sub }: { sub: string }, operator = false) => ({ sub, operator });
const call = pushedTo(completed(), BOBS_PHONE, BOBS_TABLET);

test("a leg's owner sees its devices and the outcome of each push", () => {
  const [hers, his] = callView(call, viewer(bob())).legs;
  expect(his).toMatchObject({
    deviceId: BOBS_PHONE,
    devices: [
      { deviceId: BOBS_PHONE, pushes: { incoming_call: { outcome: "accepted", channel: "GCM" } } },
      { deviceId: BOBS_TABLET, pushes: { incoming_call: { outcome: "accepted" } } },
    ],
  });
  expect(hers).not.toHaveProperty("devices");
  expect(hers).not.toHaveProperty("deviceId");
});

test("other participants see no device, and operators see all", () => {
  const seen = JSON.stringify(callView(call, viewer(alice())).legs[1]);
  expect(seen).not.toMatch(/bobs-|device|pushes/);
  const [hers, his] = callView(call, viewer(carol(), true)).legs;
  expect([hers?.devices, his?.devices?.length]).toEqual([[], 2]);
});

test("only operators see that phones are kept silent", () => {
  const silent = calling({ callees: [bob({ doNotDisturbUntilMs: at(60) })] });
  for (const person of [alice(), bob()])
    expect(callView(silent, viewer(person)).legs[1]).not.toHaveProperty("silenced");
  expect(callView(silent, viewer(carol(), true)).legs[1]?.silenced).toBe("do_not_disturb");
});

test("each leg has its times of ringing, joining and leaving, and its end reason", () => {
  expect(callView(completed(), viewer(alice())).legs[1]).toMatchObject({
    status: "left",
    ringingAtMs: at(2),
    joinedAtMs: at(5),
    leftAtMs: at(60),
    endReason: "completed",
  });
  expect(callView(ringing(), viewer(alice())).legs[1]).not.toHaveProperty("endReason");
});

test("a view has the shape of the commands' schema, and contains no owner, stage or token", () => {
  for (const of of [call, calling(), ringing(), completed()]) {
    const view = callView(of, viewer(bob(), true));
    expect(callViewSchema.parse(view)).toEqual(view);
    expect(JSON.stringify(view)).not.toMatch(/sub-of|arn:|wss:|taskToken|tokenCount/);
  }
});
