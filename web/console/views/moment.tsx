/** A moment with date and time zone; how long ago it is, and the moment to the millisecond, show on hover. */
import { useState } from "react";
import { exact, moment, relative } from "../state/durations.ts";
import { useWorld } from "./world.tsx";

interface MomentProps {
  readonly atMs: number;
  readonly nowMs: number;
  readonly className?: string;
}

export function Moment({ atMs, nowMs, className }: MomentProps) {
  const { now } = useWorld();
  const [seenAtMs, see] = useState(nowMs);
  const ago = relative(atMs, Math.max(seenAtMs, nowMs));
  return (
    <time
      className={className}
      dateTime={exact(atMs)}
      title={`${ago} · ${exact(atMs)}`}
      onPointerEnter={() => see(now())}
    >
      {moment(atMs, nowMs)}
    </time>
  );
}
