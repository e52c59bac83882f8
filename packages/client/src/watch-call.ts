/** The call of a phone for a view without a framework: what `usePhone` and `useCall` are to React. */
import type { Call } from "./call.ts";
import type { CallSnapshot } from "./call-snapshot.ts";
import type { Phone } from "./phone.ts";

/** `show` is called at first, for each change of the call that the phone shows, and for each other call. The returned function ends it. */
export function watchCall(
  phone: Pick<Phone, "snapshot" | "subscribe">,
  show: (snapshot: CallSnapshot, call: Call) => void,
): () => void {
  let shown: Call | undefined;
  let leave: (() => void) | undefined;
  const look = (): void => {
    const { call } = phone.snapshot();
    if (call === shown) return;
    leave?.();
    shown = call;
    if (!call) return;
    leave = call.subscribe(() => show(call.snapshot(), call));
    show(call.snapshot(), call);
  };
  const stop = phone.subscribe(look);
  look();
  return () => {
    stop();
    leave?.();
  };
}
