/** Who called whom, how it stands, how long it took; and the way to end it. */
import { Ring, ringOf } from "../../look/ring.tsx";
import { moment, spell, spellSeconds } from "../state/durations.ts";
import type { Party, StoredCall } from "../state/facts.ts";
import { milestonesOf } from "../state/milestones.ts";
import { namesOf, wordsOf } from "../state/words.ts";
import { EndCall } from "./end-call.tsx";
import { PageTitle } from "./page.tsx";

interface CallHeadProps {
  /** Absent: nothing is stored of it any more. */
  readonly call: StoredCall | undefined;
  readonly parties: readonly Party[];
  readonly nowMs: number;
}

export function CallHead({ call, parties, nowMs }: CallHeadProps) {
  const words = call && wordsOf(call.status, call.endReason);
  return (
    <div className="call-head">
      <Ring state={call ? ringOf(call.status, call.endReason) : "idle"} size={92} />
      <div className="call-title">
        <PageTitle>{`${namesOf(parties, "caller")} → ${namesOf(parties, "callee")}`}</PageTitle>
        <output>
          <strong className={call ? `is-${call.status}` : ""}>{words?.short ?? "Forgotten"}.</strong>{" "}
          {words?.sentence ?? "Nothing is stored of this call any more; its executions tell what happened."}
        </output>
      </div>
      {call && call.status !== "ended" && <EndCall call={call} />}
      {call && <Milestones call={call} nowMs={nowMs} />}
    </div>
  );
}

function Milestones({ call, nowMs }: { readonly call: StoredCall; readonly nowMs: number }) {
  const { toRingMs, toAnswerMs, talkMs } = milestonesOf(call, nowMs);
  const living = call.status !== "ended";
  const talk = talkMs === undefined ? undefined : living ? spellSeconds(talkMs) : spell(talkMs);
  return (
    <dl className="facts">
      <Fact name="Started" value={moment(call.createdAtMs, nowMs)} />
      <Fact name="To ring" value={toRingMs === undefined ? undefined : spell(toRingMs)} />
      <Fact name="To answer" value={toAnswerMs === undefined ? undefined : spell(toAnswerMs)} />
      <Fact name="Talk" value={talk} />
      <Fact name="Media" value={call.media} />
    </dl>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string | undefined }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value ?? <span className="quiet">–</span>}</dd>
    </div>
  );
}
