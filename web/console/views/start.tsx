/** Before the console knows which stack it looks at. */
import { Ring } from "../../look/ring.tsx";
import type { Problem } from "../state/live.ts";
import "./page.css";

interface StartProps {
  readonly problem?: Problem;
  readonly again?: () => void;
}

export function Start({ problem, again }: StartProps) {
  return (
    <main className="waiting">
      <Ring state={problem ? "broken" : "calling"} size={72} />
      <h1>{problem ? problem.title : "Ringmaster console"}</h1>
      <output className="quiet">{problem ? problem.detail : "Looking for the stack"}</output>
      {again && (
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      )}
    </main>
  );
}
