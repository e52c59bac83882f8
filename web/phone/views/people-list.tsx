/** Whom one can call: each alone, or several at once. */
import { useState } from "react";
import type { Home } from "../open-phone.ts";
import { nameOf, type Person } from "../state/people.ts";
import { Avatar } from "./avatar.tsx";
import { BlockButton } from "./block-button.tsx";
import { CallButtons, useFree } from "./call-buttons.tsx";
import { ChoosePeople, useChoice } from "./choose-people.tsx";
import { Icon } from "./icon.tsx";
import { PeopleSearch } from "./people-search.tsx";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";
import "./list.css";
import "./call-history.css";

interface PeopleListProps {
  readonly home: Home;
}

export function PeopleList({ home }: PeopleListProps) {
  const { t } = useLanguage();
  const { people } = useStore(home.directory);
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <h1 className="visually-hidden">{t.home.people}</h1>
      {choosing ? (
        <CallSeveral home={home} onDone={() => setChoosing(false)} />
      ) : (
        <PeopleSearch home={home}>
          {people.length > 1 && (
            <button type="button" className="link several" onClick={() => setChoosing(true)}>
              <Icon name="add" />
              {t.people.callSeveral}
            </button>
          )}
          <ul className="rows">
            {people.map((person) => (
              <PersonRow key={person.id} home={home} person={person} />
            ))}
          </ul>
        </PeopleSearch>
      )}
    </>
  );
}

function CallSeveral({ home, onDone }: PeopleListProps & { readonly onDone: () => void }) {
  const { t } = useLanguage();
  const free = useFree(home.phone);
  const choice = useChoice(1);
  const call = (media: "audio" | "video"): void => {
    const [first, ...more] = choice.chosen;
    if (first) home.phone.dial({ clientId: first }, media, more);
    onDone();
  };
  const isReady = free && choice.chosen.length > 0;
  return (
    <ChoosePeople home={home} choice={choice}>
      <button type="button" className="button answer" disabled={!isReady} onClick={() => call("audio")}>
        {t.people.callChosen}
      </button>
      <button type="button" className="button" disabled={!isReady} onClick={() => call("video")}>
        {t.people.callChosenVideo}
      </button>
      <button type="button" className="button" onClick={onDone}>
        {t.app.cancel}
      </button>
    </ChoosePeople>
  );
}

function PersonRow({ home, person }: PeopleListProps & { readonly person: Person }) {
  const { t } = useLanguage();
  const { blocked } = useStore(home.peace);
  const name = nameOf(person) || t.app.someone;
  const { clientId } = person;
  return (
    <li className="row">
      <Avatar name={name} state="idle" size={44} />
      {clientId ? (
        <details className="name">
          <summary title={t.people.options(name)}>
            <span>{name}</span>
            {blocked.has(clientId) && <span className="quiet">{t.people.blocked}</span>}
          </summary>
          <BlockButton home={home} clientId={clientId} name={name} />
        </details>
      ) : (
        <span className="name">
          {name}
          <span className="quiet">{t.people.noPhone}</span>
        </span>
      )}
      {clientId && <CallButtons home={home} clientId={clientId} name={name} />}
    </li>
  );
}
