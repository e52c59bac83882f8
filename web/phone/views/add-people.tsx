/** Rings more people in the call that goes on. */
import { useEffect, useRef, useState } from "react";
import type { Home } from "../open-phone.ts";
import type { Problem } from "../../../packages/client/src/wire/problem.ts";
import { saidOfProblem } from "../state/words.ts";
import { ChoosePeople, useChoice } from "./choose-people.tsx";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";
import "./add-people.css";

interface AddPeopleProps {
  readonly home: Home;
  readonly callId: string;
  readonly onDone: () => void;
}

export function AddPeople({ home, callId, onDone }: AddPeopleProps) {
  const { t } = useLanguage();
  const { members } = useStore(home.company);
  const there = members.filter(({ status }) => status !== "left").map(({ clientId }) => clientId);
  const choice = useChoice(there.length);
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);

  async function add(): Promise<void> {
    setBusy(true);
    const outcome = await home.company.add(callId, choice.chosen);
    setBusy(false);
    if (outcome.ok) onDone();
    else setProblem(outcome.problem);
  }

  return (
    <dialog ref={dialog} className="add-people" aria-label={t.call.addTitle} onClose={onDone}>
      <h2>{t.call.addTitle}</h2>
      {problem && (
        <p className="notice wrong" role="alert">
          {saidOfProblem(t, problem).title}
        </p>
      )}
      <ChoosePeople home={home} choice={choice} without={there}>
        <button
          type="button"
          className="button answer"
          disabled={busy || choice.chosen.length === 0}
          onClick={() => void add()}
        >
          {t.call.addThem}
        </button>
        <button type="button" className="button" onClick={onDone}>
          {t.app.cancel}
        </button>
      </ChoosePeople>
    </dialog>
  );
}
