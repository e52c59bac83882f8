/** The hooks: what they show is what the phone and the call say now. */
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { type CallDeeds, createCall } from "../src/call.ts";
import type { CallSnapshot } from "../src/call-snapshot.ts";
import { NO_MEDIA } from "../src/media.ts";
import type { Phone, PhoneSnapshot } from "../src/phone.ts";
import { useCall, usePhone } from "../src/react.ts";

const RINGING: CallSnapshot = {
  ...NO_MEDIA,
  state: "ringing",
  direction: "incoming",
  media: "audio",
  other: { clientId: "alice", name: "Alice" },
};
const owned = () => createCall(RINGING, {} as CallDeeds); // nothing is pressed here

function phoneWith(snapshot: Partial<PhoneSnapshot>): Phone {
  const whole = {
    me: undefined,
    connection: "connected",
    call: undefined,
    waiting: undefined,
    ...snapshot,
  } as const;
  return { snapshot: () => whole, subscribe: () => () => undefined } as unknown as Phone; // what the hook uses of one
}

function Line({ phone }: { readonly phone: Phone }) {
  const { call, connection } = usePhone(phone);
  const seen = useCall(call);
  return seen ? `${seen.other.name} ${seen.state} ${connection}` : "no call";
}

test("a phone without a call shows none, and one with a call shows how it is", () => {
  expect(renderToString(<Line phone={phoneWith({})} />)).toBe("no call");
  const { call, show } = owned();
  expect(renderToString(<Line phone={phoneWith({ call })} />)).toBe("Alice ringing connected");
  show({ ...RINGING, state: "ended", reason: "missed" });
  expect(renderToString(<Line phone={phoneWith({ call })} />)).toBe("Alice ended connected");
});

test("a call is the same snapshot until something changes, and tells of each change once", () => {
  const { call, show } = owned();
  let told = 0;
  const stop = call.subscribe(() => (told += 1));
  const before = call.snapshot();
  show({ ...RINGING });
  expect([call.snapshot() === before, told]).toEqual([true, 0]);
  show({ ...RINGING, state: "connecting" });
  expect([call.snapshot() === before, told]).toEqual([false, 1]);
  stop();
  show(RINGING);
  expect(told).toBe(1);
});
