/** Who called whom, how it stands, how long it took; and the way to end it. */
import type { ReactNode } from "react";
import { Ring, ringOf } from "../../look/ring.tsx";
import { spell, spellSeconds, timeOfDay } from "../state/durations.ts";
import type { CallFacts, StoredCall } from "../state/facts.ts";
import { milestonesOf } from "../state/milestones.ts";
import { namesOf, callWord } from "../state/words.ts";
import { whyOf } from "../state/why.ts";
import { EndCall } from "./end-call.tsx";
import { Moment } from "./moment.tsx";
import { PageTitle } from "./page.tsx";

interface CallHeadProps {
  readonly facts: CallFacts;
  readonly nowMs: number;
}

export function CallHead({ facts, nowMs }: CallHeadProps) {
  const { call, parties } = facts;
  return (
    <div className="call-head">
      <Ring state={call ? ringOf(call.status, call.endReason) : "idle"} size={92} />
      <div className="call-title">
        <PageTitle>{`${namesOf(parties, "caller")} → ${namesOf(parties, "callee")}`}</PageTitle>
        <Why facts={facts} />
      </div>
      {call && call.status !== "ended" && <EndCall call={call} />}
      {call && <Milestones call={call} nowMs={nowMs} />}
    </div>
  );
}

/** Of a call that has several phones to tell of, the first sentence is the answer. */
function Why({ facts }: { readonly facts: CallFacts }) {
  const { call } = facts;
  const [first = "", ...others] = whyOf(facts, timeOfDay);
  const short = call ? callWord(call.status, call.endReason) : "Forgotten";
  const [, word = short, answer = first] = /^([A-Z][a-z ]{1,20}): (.+)$/.exec(first) ?? [];
  return (
    <>
      <output>
        <strong className={call ? `is-${call.status}` : ""}>{word}.</strong> {capital(answer)}
      </output>
      {others.length > 0 && (
        <ul className="why">
          {others.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function Milestones({ call, nowMs }: { readonly call: StoredCall; readonly nowMs: number }) {
  const { toRingMs, toAnswerMs, talkMs } = milestonesOf(call, nowMs);
  const living = call.status !== "ended";
  const talk = talkMs === undefined ? undefined : living ? spellSeconds(talkMs) : spell(talkMs);
  return (
    <dl className="facts">
      <Fact name="Started" value={<Moment atMs={call.createdAtMs} nowMs={nowMs} />} />
      <Fact name="To ring" value={toRingMs === undefined ? undefined : spell(toRingMs)} />
      <Fact name="To answer" value={toAnswerMs === undefined ? undefined : spell(toAnswerMs)} />
      <Fact name="Talk" value={talk} />
      <Fact name="Media" value={call.media} />
    </dl>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value ?? <span className="quiet">–</span>}</dd>
    </div>
  );
}
