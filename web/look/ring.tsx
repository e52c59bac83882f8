/** The ring: how a call stands, at a glance. It is decoration; the words beside it say the same. */
import type { ReactNode } from "react";
import type { CallStatus } from "../../calls/call.ts";
import type { EndReason } from "../../events/end-reason.ts";
import "./ring.css";

/** `over` ended well, `nothing` never became a conversation, `broken` ended by a fault. */
export type RingState = "idle" | "calling" | "ringing" | "answered" | "over" | "nothing" | "broken";

const ENDINGS: Readonly<Record<EndReason, RingState>> = {
  completed: "over",
  expired: "over",
  declined: "nothing",
  cancelled: "nothing",
  missed: "nothing",
  unreachable: "nothing",
  busy: "nothing",
  dropped: "broken",
  removed: "broken",
  ended_by_operator: "broken",
  failed: "broken",
};

export function ringOf(status: CallStatus, endReason?: EndReason): RingState {
  if (status !== "ended") return status;
  return endReason ? ENDINGS[endReason] : "over";
}

interface RingProps {
  readonly state: RingState;
  /** In pixels. */
  readonly size: number;
  /** In the middle of it, such as initials. */
  readonly children?: ReactNode;
}

/** Of a circumference of 100, so that dashes are percents. */
const RADIUS = 15.915;

export function Ring({ state, size, children }: RingProps) {
  const stroke = size < 40 ? 6 : 2.5;
  return (
    <svg
      className={`ring ring-${state}`}
      style={{ "--stroke": stroke }}
      width={size}
      height={size}
      viewBox="0 0 40 40"
      aria-hidden="true"
    >
      <circle className="wave" cx="20" cy="20" r={RADIUS} />
      <circle className="wave" cx="20" cy="20" r={RADIUS} />
      <circle className="band" cx="20" cy="20" r={RADIUS} />
      {state === "answered" && size < 40 && <circle className="dot" cx="20" cy="20" r="5" />}
      {children}
    </svg>
  );
}
