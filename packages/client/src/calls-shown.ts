/**
 * Which call an app holds goes with which state of the phone.
 *
 * S1 A call has one object for as long as it is remembered: one that comes back is the object that it was.
 * S2 A call that this phone dials has its object before it has an id. If it turns out to be a call that was coming in (both called
 *    each other), the object of the dial goes on, and the other one is over.
 * S3 A call that made way for another is over, also if the server has not said so yet.
 */
import { type Call, type CallDeeds, createCall, type OwnedCall } from "./call.ts";
import { type CallSnapshot, leftSnapshot, snapshotOf, waitingSnapshot } from "./call-snapshot.ts";
import type { Screen } from "./engine/screen.ts";
import { type MediaState, NO_MEDIA } from "./media.ts";
import type { Ending } from "./wire/contract.ts";
import type { Push } from "./wire/pushes.ts";

const MAX_REMEMBERED = 20;

export interface Seen {
  readonly screen: Screen;
  readonly waiting: Push | undefined;
  readonly media: MediaState;
  readonly nowMs: number;
}

export interface CallsShown {
  current(): Call | undefined;
  waiting(): Call | undefined;
  of(callId: string): Call | undefined;
  /** The second call is being answered: the screen's next call is that one, whatever was dialled. */
  take(call: Call): void;
  /** The server's word on a call's end, also of one that has made way. */
  ended(callId: string, ending: Ending): void;
  /** Gives the calls that are new. */
  update(seen: Seen): Call[];
}

export function callsShown(deeds: (call: () => Call) => CallDeeds): CallsShown {
  const byId = new Map<string, OwnedCall>();
  let current: OwnedCall | undefined;
  let waiting: OwnedCall | undefined;
  let taken: Call | undefined;

  function make(snapshot: CallSnapshot): OwnedCall {
    const made: OwnedCall = createCall(
      snapshot,
      deeds(() => made.call),
    );
    return made;
  }

  function remember(callId: string, call: OwnedCall): void {
    byId.delete(callId);
    byId.set(callId, call);
    for (const [id, { call: old }] of byId) {
      if (byId.size <= MAX_REMEMBERED) return;
      if (old.state === "ended") byId.delete(id);
    }
  }

  /** The object that the screen's call goes with; undefined if it is a new one. */
  function ownerOf({ callId, direction }: CallSnapshot): OwnedCall | undefined {
    const known = callId === undefined ? undefined : byId.get(callId);
    const isDialled = current?.call.state === "calling" && current.call.callId === undefined;
    const isTaken = known !== undefined && known.call === taken;
    if (isDialled && !isTaken) return current;
    if (known) return known;
    // A dial that came to nothing has no id; the next one is another call.
    const isSameDial = callId === undefined && direction === "outgoing" && current?.call.state !== "ended";
    return isSameDial ? current : undefined;
  }

  return {
    current: () => current?.call,
    waiting: () => waiting?.call,
    of: (callId) => byId.get(callId)?.call,
    take: (call) => void (taken = call),
    ended(callId, reason) {
      const known = byId.get(callId);
      if (known?.call.state === "ended" && known !== current)
        known.show({ ...known.call.snapshot(), reason });
    },
    update({ screen, waiting: push, media, nowMs }) {
      const before = [current, waiting];
      const added: Call[] = [];
      const place = (snapshot: CallSnapshot, owner: OwnedCall | undefined): OwnedCall => {
        const placed = owner ?? make(snapshot);
        if (!owner) added.push(placed.call);
        const { callId } = snapshot;
        const other = callId === undefined ? undefined : byId.get(callId);
        // Both called each other (S2).
        if (other && other !== placed) other.show(leftSnapshot(other.call.snapshot(), nowMs, "moved"));
        if (callId !== undefined && snapshot.problem?.callId !== callId) remember(callId, placed);
        placed.show(snapshot);
        return placed;
      };
      if (screen.kind === "idle") current = undefined;
      else {
        const snapshot = snapshotOf(screen, screen.kind === "ended" ? NO_MEDIA : media);
        current = place(snapshot, ownerOf(snapshot));
      }
      taken = undefined;
      waiting = push && place(waitingSnapshot(push), byId.get(push.call_id));
      for (const left of before) {
        if (!left || left === current || left === waiting || left.call.state === "ended") continue;
        left.show(leftSnapshot(left.call.snapshot(), nowMs, "hung_up"));
      }
      return added;
    },
  };
}
