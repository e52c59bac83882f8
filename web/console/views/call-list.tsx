/** Calls in rows: each a link to its call. */
import { Ring, ringOf } from "../../look/ring.tsx";
import { spell, spellSeconds } from "../state/durations.ts";
import type { CallRow } from "../state/facts.ts";
import { namesOf, shortId, callWord } from "../state/words.ts";
import { Moment } from "./moment.tsx";
import { Link } from "./navigation.tsx";
import "./call-list.css";

interface CallListProps {
  readonly calls: readonly CallRow[];
  readonly nowMs: number;
  readonly large?: boolean;
}

export function CallList({ calls, nowMs, large = false }: CallListProps) {
  return (
    <ul className={`call-list ${large ? "large" : ""}`}>
      {calls.map((call) => (
        <li key={call.callId}>
          <Row call={call} nowMs={nowMs} large={large} />
        </li>
      ))}
    </ul>
  );
}

interface RowProps {
  readonly call: CallRow;
  readonly nowMs: number;
  readonly large: boolean;
}

function Row({ call, nowMs, large }: RowProps) {
  const { callId, status, endReason, media, createdAtMs, execution } = call;
  const broken = execution !== undefined && execution !== "RUNNING" && execution !== "SUCCEEDED";
  return (
    <Link to={{ page: "call", callId }} className="call-row">
      <Ring state={ringOf(status, endReason)} size={large ? 44 : 28} />
      <Parties call={call} />
      <span className={`call-status ${status === "ended" ? "" : `is-${status}`}`}>
        {callWord(status, endReason)}
        {broken && <span className="tag wrong">workflow {execution.toLowerCase().replace("_", " ")}</span>}
      </span>
      <span className="call-media quiet">{media}</span>
      <Moment className="call-time quiet" atMs={createdAtMs} nowMs={nowMs} />
      <span className="call-age">{lengthOf(call, nowMs)}</span>
    </Link>
  );
}

function Parties({ call: { callId, parties } }: { readonly call: CallRow }) {
  return (
    <span className="call-parties">
      <span className="call-names">
        {namesOf(parties, "caller")} <span className="arrow">→</span> {namesOf(parties, "callee")}
      </span>
      <code className="quiet">{shortId(callId)}</code>
    </span>
  );
}

/** Of a living call how old it is, or how long they have talked; of an ended one how long they did. */
function lengthOf({ status, createdAtMs, answeredAtMs, endedAtMs }: CallRow, nowMs: number): string {
  if (status !== "ended") return spellSeconds(nowMs - (answeredAtMs ?? createdAtMs));
  if (endedAtMs === undefined || answeredAtMs === undefined) return "";
  return spell(endedAtMs - answeredAtMs);
}
