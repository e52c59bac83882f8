/** A person, as a ring around their initials: the ring shows the state of their call. */
import { Ring, type RingState } from "../../look/ring.tsx";
import { initialsOf } from "../state/words.ts";
import "./avatar.css";

interface AvatarProps {
  readonly name: string;
  readonly state: RingState;
  /** In pixels. */
  readonly size: number;
}

export function Avatar({ name, state, size }: AvatarProps) {
  return (
    <span className="avatar" style={{ "--size": `${size}px` }}>
      <Ring state={state} size={size} />
      <span className="initials" aria-hidden="true">
        {initialsOf(name)}
      </span>
    </span>
  );
}
