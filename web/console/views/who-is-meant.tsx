/** A filter by client takes whatever is known of a person; whose calls are meant is chosen among those who fit. */
import { type CallsFilter, factsUrlOf } from "../state/route.ts";
import { searchSchema } from "../state/search-facts.ts";
import { Link } from "./navigation.tsx";
import { Empty, Facts } from "./page.tsx";
import { useLive } from "./world.tsx";

interface WhoIsMeantProps {
  readonly filter: CallsFilter;
  /** No id of a client. */
  readonly text: string;
}

export function WhoIsMeant({ filter, text }: WhoIsMeantProps) {
  const facts = useLive(factsUrlOf({ page: "search", q: text }) ?? "", searchSchema);
  return (
    <Facts facts={facts}>
      {({ people }) => {
        const clients = people.filter(({ clientId }) => clientId !== undefined);
        if (clients.length === 0) {
          return (
            <Empty title={`No person has “${text}” in a name, user name, e-mail address, device or id`}>
              {people.length > 0 && "Who fits has no client, and so no calls. "}
              <Link to={{ page: "calls", filter: {} }}>Show all calls</Link>
            </Empty>
          );
        }
        return (
          <section aria-labelledby="whose">
            <h2 id="whose">Whose calls?</h2>
            <ul className="whose">
              {clients.map(({ clientId = "", name, username, email }) => (
                <li key={clientId}>
                  <Link to={{ page: "calls", filter: { ...filter, client: clientId } }}>
                    {name ?? username ?? clientId}
                  </Link>{" "}
                  <span className="quiet">{[name && username, email].filter(Boolean).join(" · ")}</span>
                </li>
              ))}
            </ul>
          </section>
        );
      }}
    </Facts>
  );
}
