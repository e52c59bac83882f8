/** Several people are chosen from the directory, as many as a call takes. */
import { type ReactNode, useState } from "react";
import { MAX_LEGS } from "../../../calls/limits.ts";
import type { Home } from "../open-phone.ts";
import { nameOf } from "../state/people.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";
import { PeopleSearch } from "./people-search.tsx";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";
import "./choose-people.css";

export interface Choice {
  readonly chosen: readonly string[];
  readonly isFull: boolean;
  toggle(clientId: string): void;
}

/** `taken`: people who are in the call already, oneself included. */
export function useChoice(taken: number): Choice {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  return {
    chosen,
    isFull: taken + chosen.length >= MAX_LEGS,
    toggle: (clientId) =>
      setChosen(chosen.includes(clientId) ? chosen.filter((id) => id !== clientId) : [...chosen, clientId]),
  };
}

interface ChoosePeopleProps {
  readonly home: Home;
  readonly choice: Choice;
  /** Who is not to be chosen. */
  readonly without?: readonly string[];
  /** What is done with the chosen ones. */
  readonly children: ReactNode;
}

export function ChoosePeople({ home, choice, without = [], children }: ChoosePeopleProps) {
  const { t } = useLanguage();
  const { people } = useStore(home.directory);
  const { chosen, isFull } = choice;
  return (
    <div className="choose-people">
      <PeopleSearch home={home}>
        <ul className="rows">
          {people.map((person) => {
            const { clientId } = person;
            if (!clientId || without.includes(clientId)) return null;
            const name = nameOf(person) || t.app.someone;
            const isChosen = chosen.includes(clientId);
            return (
              <li key={person.id}>
                <label className="row choose">
                  <Avatar name={name} state={isChosen ? "answered" : "idle"} size={44} />
                  <span className="name">{name}</span>
                  <input
                    type="checkbox"
                    aria-label={t.people.choose(name)}
                    checked={isChosen}
                    disabled={isFull && !isChosen}
                    onChange={() => choice.toggle(clientId)}
                  />
                  <span className="tick">{isChosen && <Icon name="check" />}</span>
                </label>
              </li>
            );
          })}
        </ul>
      </PeopleSearch>
      <div className="chosen">
        <p aria-live="polite">{isFull ? t.people.tooMany(MAX_LEGS) : t.people.chosen(chosen.length)}</p>
        <div className="choices">{children}</div>
      </div>
    </div>
  );
}
