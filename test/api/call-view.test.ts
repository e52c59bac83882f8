/** What people see of a call that they may read. */
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

test("devices are shown to the owner of their leg, who sees what became of each push", () => {
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

test("nobody else sees a device, not even its name; operators see all of them", () => {
  const seen = JSON.stringify(callView(call, viewer(alice())).legs[1]);
  expect(seen).not.toMatch(/bobs-|device|pushes/);
  const [hers, his] = callView(call, viewer(carol(), true)).legs;
  expect([hers?.devices, his?.devices?.length]).toEqual([[], 2]);
});

test("that phones are kept silent is shown to operators only", () => {
  const silent = calling({ callees: [bob({ doNotDisturbUntilMs: at(60) })] });
  for (const person of [alice(), bob()])
    expect(callView(silent, viewer(person)).legs[1]).not.toHaveProperty("silenced");
  expect(callView(silent, viewer(carol(), true)).legs[1]?.silenced).toBe("do_not_disturb");
});

test("each leg says since when it rings, is in, and is out, and why", () => {
  expect(callView(completed(), viewer(alice())).legs[1]).toMatchObject({
    status: "left",
    ringingAtMs: at(2),
    joinedAtMs: at(5),
    leftAtMs: at(60),
    endReason: "completed",
  });
  expect(callView(ringing(), viewer(alice())).legs[1]).not.toHaveProperty("endReason");
});

test("a view has the shape that the commands promise, and no owner, stage or token in it", () => {
  for (const of of [call, calling(), ringing(), completed()]) {
    const view = callView(of, viewer(bob(), true));
    expect(callViewSchema.parse(view)).toEqual(view);
    expect(JSON.stringify(view)).not.toMatch(/sub-of|arn:|wss:|taskToken|tokenCount/);
  }
});
