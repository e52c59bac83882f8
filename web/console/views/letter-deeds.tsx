/** What an operator may do to a dead letter; each asks once. */
import { useMemo, useSyncExternalStore } from "react";
import { type Deed, openDeeds } from "../state/letter-deed.ts";
import { useWorld } from "./world.tsx";

interface LetterDeedsProps {
  readonly queue: string;
  readonly id: string;
  /** Where it would go again; absent: nowhere. */
  readonly replay: string | undefined;
}

const DOING: Readonly<Record<Deed, string>> = { replay: "Sending it again", delete: "Deleting it" };
const DONE: Readonly<Record<Deed, string>> = { replay: "Sent again, and taken out.", delete: "Deleted." };

export function LetterDeeds({ queue, id, replay }: LetterDeedsProps) {
  const { post } = useWorld();
  const deeds = useMemo(
    () => openDeeds({ send: (deed) => post(`/console/api/dead-letters/${deed}`, { queue, id }) }),
    [post, queue, id],
  );
  const now = useSyncExternalStore(deeds.subscribe, deeds.snapshot);
  switch (now.step) {
    case "idle":
      return (
        <div className="letter-deeds">
          {replay !== undefined && (
            <button type="button" className="button small" onClick={() => deeds.ask("replay")}>
              Send again
            </button>
          )}
          <button type="button" className="button small" onClick={() => deeds.ask("delete")}>
            Delete
          </button>
          <p className="quiet note">
            {replay === undefined
              ? "It cannot be sent again: it is no event of this stack’s bus, and no queue gave it up."
              : `It would go to ${replay}.`}
          </p>
        </div>
      );
    case "asking":
      return (
        <div className="letter-deeds">
          <p id={`ask-${id}`}>
            {now.deed === "replay"
              ? `Send this letter to ${replay} again, and take it out of here?`
              : "Delete this letter for good?"}
          </p>
          <button
            type="button"
            className="button small act"
            aria-describedby={`ask-${id}`}
            ref={(button) => button?.focus()}
            onClick={() => void deeds.confirm()}
          >
            {now.deed === "replay" ? "Send it" : "Delete it"}
          </button>
          <button type="button" className="button small" onClick={deeds.leave}>
            Leave it
          </button>
        </div>
      );
    case "doing":
      return <output className="letter-deeds">{DOING[now.deed]}</output>;
    case "done":
      return <output className="letter-deeds">{DONE[now.deed]}</output>;
    case "refused":
      return (
        <div className="letter-deeds">
          <p role="alert" className="wrong">
            {now.problem.title}
            {now.problem.detail && `: ${now.problem.detail}`}
          </p>
          <button type="button" className="button small" onClick={() => deeds.ask(now.deed)}>
            Try again
          </button>
          <button type="button" className="button small" onClick={deeds.leave}>
            Leave it
          </button>
        </div>
      );
  }
}
