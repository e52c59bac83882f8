/** A page with both hooks, of which a browser test changes what they read. */
import { useEffect } from "react";
import { createRoot } from "react-dom/client";
import { type CallDeeds, createCall } from "../src/call.ts";
import type { CallSnapshot } from "../src/call-snapshot.ts";
import type { Call } from "../src/index.ts";
import { listeners } from "../src/listeners.ts";
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
const { call, show } = createCall(RINGING, {} as CallDeeds); // nothing is pressed here
const watchers = listeners();
let subscribed = 0;
let snapshot: PhoneSnapshot = { me: undefined, connection: "connected", call: undefined, waiting: undefined };
const phone = {
  snapshot: () => snapshot,
  subscribe(listener: () => void) {
    subscribed += 1;
    const stop = watchers.subscribe(listener);
    return () => {
      subscribed -= 1;
      stop();
    };
  },
} as unknown as Phone; // what the hook uses of one

let renders = 0;
function Line() {
  const { call: current } = usePhone(phone);
  const seen = useCall(current);
  useEffect(() => {
    renders += 1;
  });
  return <p>{seen ? `${seen.other.name} ${seen.state}` : "no call"}</p>;
}

const root = createRoot(document.body.appendChild(document.createElement("main")));
root.render(<Line />);

function showOfPhone(shown: Call | undefined): void {
  snapshot = { ...snapshot, call: shown };
  watchers.tell();
}

Object.assign(globalThis, {
  hooks: {
    ring: () => showOfPhone(call),
    show: (next: Partial<CallSnapshot>) => show({ ...RINGING, ...next }),
    leave: () => showOfPhone(undefined),
    unmount: () => root.unmount(),
    renders: () => renders,
    subscribed: () => subscribed,
  },
});
