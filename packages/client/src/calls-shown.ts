/**
 * Which call an app holds goes with which state of the phone.
 *
 * S1 A call has one object for as long as it is remembered: one that comes back is the object that it was.
 * S2 A call that this phone dials has its object before it has an id. If it turns out to be a call that was coming in (both called
 *    each other), the object of the dial goes on, and the other one is over.
 * S3 A call that made way for another is over, also if the server has not said so yet.
 */
import { type Call, type CallDeeds, createCall, type OwnedCall } from "./call.ts";
import {
  type CallSnapshot,
  type EndedReason,
  leftSnapshot,
  snapshotOf,
  waitingSnapshot,
} from "./call-snapshot.ts";
import type { Screen } from "./engine/screen.ts";
import { type MediaState, NO_MEDIA } from "./media.ts";
import type { Ending, MediaKind } from "./wire/contract.ts";
import type { Problem } from "./wire/problem.ts";
import type { Push } from "./wire/pushes.ts";

const MAX_REMEMBERED = 20;

export interface Seen {
  readonly screen: Screen;
  readonly waiting: Push | undefined;
  readonly media: MediaState;
  readonly nowMs: number;
}

interface Dialled {
  readonly other: CallSnapshot["other"];
  readonly media: MediaKind;
  readonly problem: Problem;
}

export interface CallsShown {
  current(): Call | undefined;
  waiting(): Call | undefined;
  of(callId: string): Call | undefined;
  /** The second call is being answered: the screen's next call is that one, whatever was dialled. */
  take(call: Call): void;
  /** A call that could not begin: it is over, and never shown. */
  failed(dialled: Dialled, nowMs: number): Call;
  /** The app is done with the phone: no call is shown any more, and one that was not over may go on elsewhere. */
  close(nowMs: number): void;
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
  /** Which dial `current` is, until the server has named its call. */
  let dial: number | undefined;
  /** Why a call ends that the next update takes off. */
  const reasons = new Map<string, Ending>();

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
  function ownerOf(
    screen: Exclude<Screen, { kind: "idle" }>,
    callId: string | undefined,
  ): OwnedCall | undefined {
    if ("dial" in screen) return screen.dial === dial ? current : undefined;
    const known = callId === undefined ? undefined : byId.get(callId);
    const isTaken = known !== undefined && known.call === taken;
    return dial !== undefined && current?.call.state !== "ended" && !isTaken ? current : known;
  }

  function leave(left: OwnedCall, nowMs: number, reason: EndedReason): void {
    if (left.call.state !== "ended") left.show(leftSnapshot(left.call.snapshot(), nowMs, reason));
  }

  return {
    current: () => current?.call,
    waiting: () => waiting?.call,
    of: (callId) => byId.get(callId)?.call,
    take: (call) => void (taken = call),
    ended(callId, reason) {
      const known = byId.get(callId);
      if (!known || known === current) return;
      if (known.call.state === "ended") known.show({ ...known.call.snapshot(), reason });
      else reasons.set(callId, reason);
    },
    failed({ other, media, problem }, endedAtMs) {
      const shown = { other, media, outgoing: true, cause: problem, endedAtMs };
      return make(snapshotOf({ kind: "ended", ...shown }, NO_MEDIA)).call;
    },
    close(nowMs) {
      for (const left of [current, waiting]) if (left) leave(left, nowMs, "closed");
      current = waiting = dial = undefined;
    },
    update({ screen, waiting: push, media, nowMs }) {
      const before = [current, waiting];
      const added: Call[] = [];
      const place = (snapshot: CallSnapshot, owner: OwnedCall | undefined, isAdmitted = true): OwnedCall => {
        const placed = owner ?? make(snapshot);
        if (!owner) added.push(placed.call);
        const { callId } = snapshot;
        if (callId !== undefined && isAdmitted) {
          const other = byId.get(callId);
          // Both called each other (S2).
          if (other && other !== placed) other.show(leftSnapshot(other.call.snapshot(), nowMs, "moved"));
          remember(callId, placed);
        }
        placed.show(snapshot);
        return placed;
      };
      if (screen.kind === "idle") current = dial = undefined;
      else {
        const snapshot = snapshotOf(screen, screen.kind === "ended" ? NO_MEDIA : media);
        current = place(snapshot, ownerOf(screen, snapshot.callId), !("dial" in screen));
        dial = "dial" in screen ? screen.dial : undefined;
      }
      taken = undefined;
      waiting = push && place(waitingSnapshot(push), byId.get(push.call_id));
      for (const left of before) {
        if (!left || left === current || left === waiting) continue;
        leave(left, nowMs, reasons.get(left.call.callId ?? "") ?? "hung_up");
      }
      reasons.clear();
      return added;
    },
  };
}
