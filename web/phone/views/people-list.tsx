/** Whom one can call. */
import type { Home } from "../open-phone.ts";
import { nameOf, type Person } from "../state/people.ts";
import { saidOfProblem } from "../state/words.ts";
import { Avatar } from "./avatar.tsx";
import { CallButtons } from "./call-buttons.tsx";
import { Icon } from "./icon.tsx";
import { useStore } from "./use-store.tsx";
import "./list.css";

interface PeopleListProps {
  readonly home: Home;
}

export function PeopleList({ home }: PeopleListProps) {
  const { directory } = home;
  const { typed, people, status, problem, hasMore } = useStore(directory);
  return (
    <>
      <h1 className="visually-hidden">People</h1>
      <label className="search">
        <span className="visually-hidden">Find people by first or last name</span>
        <Icon name="search" />
        <input
          type="search"
          placeholder="Find by name"
          value={typed}
          autoComplete="off"
          onChange={({ target }) => directory.type(target.value)}
        />
      </label>
      <ul className="rows">
        {people.map((person) => (
          <PersonRow key={person.id} home={home} person={person} />
        ))}
      </ul>
      <div className="below" aria-live="polite">
        {status === "loading" && people.length === 0 && <p className="quiet">Looking …</p>}
        {status === "ready" && people.length === 0 && <NoPeople typed={typed} />}
      </div>
      {status === "failed" && problem && (
        <div className="notice wrong" role="alert">
          <p>{saidOfProblem(problem).title}</p>
          <button type="button" className="button" onClick={() => directory.again()}>
            Try again
          </button>
        </div>
      )}
      {hasMore && (
        <button type="button" className="button more" onClick={() => directory.more()}>
          More people
        </button>
      )}
    </>
  );
}

function PersonRow({ home, person }: PeopleListProps & { readonly person: Person }) {
  const name = nameOf(person);
  return (
    <li className="row">
      <Avatar name={name} state="idle" size={44} />
      <span className="name">
        {name}
        {!person.clientId && <span className="quiet">No phone yet</span>}
      </span>
      {person.clientId && <CallButtons home={home} clientId={person.clientId} name={name} />}
    </li>
  );
}

function NoPeople({ typed }: { readonly typed: string }) {
  if (typed) return <p className="quiet">No first or last name begins with “{typed}”.</p>;
  return <p className="quiet">No other people yet. Each person who signs in on a phone appears here.</p>;
}
