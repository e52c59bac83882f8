/** Dead letters: what could not be delivered, and why. None is good. */
import { Ring } from "../../look/ring.tsx";
import { deadLettersSchema } from "../state/facts.ts";
import { reasonsFirst } from "../state/letters.ts";
import { factsUrlOf, type Route } from "../state/route.ts";
import { Moment } from "./moment.tsx";
import { Empty, Page } from "./page.tsx";
import { Copyable, CopyButton } from "./copy.tsx";
import { LetterDeeds } from "./letter-deeds.tsx";
import { useLive, useNow, useWorld } from "./world.tsx";
import "./events-page.css";

type Queue = NonNullable<ReturnType<typeof useLetters>["view"]>["queues"][number];
const useLetters = (route: Route) => useLive(factsUrlOf(route) ?? "", deadLettersSchema);

export function DeadLettersPage({ route }: { readonly route: Route }) {
  const facts = useLetters(route);
  return (
    <Page title="Dead letters" facts={facts}>
      {({ queues }) =>
        queues.length === 0 ? (
          <Empty title="No queue for dead letters">This stack has none.</Empty>
        ) : (
          <>
            {queues.every(({ messages }) => messages === 0) && (
              <p className="notice">All queues are empty: everything was delivered.</p>
            )}
            {queues
              .toSorted((one, other) => other.messages - one.messages)
              .map((queue) => (
                <QueueSection key={queue.name} queue={queue} />
              ))}
          </>
        )
      }
    </Page>
  );
}

function QueueSection({ queue: { name, messages, letters } }: { readonly queue: Queue }) {
  const nowMs = useNow(false);
  const { canWrite } = useWorld().stack;
  const id = `queue-${name}`;
  return (
    <section aria-labelledby={id}>
      <div className="queue-head">
        <Ring state={messages === 0 ? "over" : "broken"} size={24} />
        <h2 id={id}>{name}</h2>
        <span className={messages === 0 ? "quiet" : "wrong"}>
          {messages === 0 ? "empty" : `${messages} ${messages === 1 ? "letter" : "letters"}`}
        </span>
      </div>
      {letters.length > 0 && (
        <ol className="event-list">
          {letters.map((letter) => (
            <li key={letter.id}>
              <details>
                <summary>
                  <Moment className="quiet mono" atMs={letter.sentAtMs} nowMs={nowMs} />
                  <strong>{reasonsFirst(letter.attributes)[0]?.[1] ?? "No reason given"}</strong>
                  <code className="quiet">{letter.id}</code>
                </summary>
                <div className="event-more">
                  <dl className="letter-attributes">
                    {reasonsFirst(letter.attributes).map(([attribute, value]) => [
                      <dt key={`${attribute} name`}>{attribute}</dt>,
                      <dd key={attribute}>
                        {value.startsWith("arn:") ? <Copyable text={value} what={attribute} /> : value}
                      </dd>,
                    ])}
                  </dl>
                  <p>
                    <CopyButton value={letter} what="JSON" />
                  </p>
                  {canWrite && <LetterDeeds queue={name} id={letter.id} replay={letter.replay} />}
                  <pre className="json">{pretty(letter.body)}</pre>
                </div>
              </details>
            </li>
          ))}
        </ol>
      )}
      {messages > letters.length && letters.length > 0 && (
        <p className="quiet note">
          {letters.length} of {messages} are shown. Looking takes none away.
        </p>
      )}
      {letters.length > 0 && !canWrite && (
        <p className="quiet note">
          To send letters again or delete them, start the console with <code>--write</code>.
        </p>
      )}
    </section>
  );
}

/** A body is an event mostly, in one line. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
