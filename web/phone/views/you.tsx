/** Oneself: when not to be disturbed, whom one blocks, and signing out. */
import type { Home } from "../open-phone.ts";
import { morningAfter } from "../state/peace.ts";
import { saidOfProblem } from "../state/words.ts";
import { useNow, useStore } from "./use-store.tsx";
import "./you.css";

interface YouProps {
  readonly home: Home;
  readonly isLocal: boolean;
  readonly onSignOut: () => void;
}

const HOUR_MS = 3_600_000;

export function You({ home, isLocal, onSignOut }: YouProps) {
  const { problem } = useStore(home.peace);
  return (
    <>
      <h1 className="page-title">You</h1>
      {problem && (
        <p className="notice wrong" role="alert">
          {saidOfProblem(problem).title}
        </p>
      )}
      <Silence home={home} />
      <Blocked home={home} />
      <section className="setting">
        <h2>This phone</h2>
        <p className="quiet">
          {isLocal
            ? "This tab is a phone of its own. Calls ring here while it is open."
            : "Calls ring here while this page is open."}
        </p>
        <button type="button" className="button" onClick={onSignOut}>
          Sign out
        </button>
      </section>
    </>
  );
}

const until = new Intl.DateTimeFormat(undefined, { weekday: "long", hour: "2-digit", minute: "2-digit" });

function Silence({ home: { peace, clock } }: Pick<YouProps, "home">) {
  const { silentUntilMs, busy } = useStore(peace);
  const now = useNow(clock);
  const morning = morningAfter(now);
  return (
    <section className="setting">
      <h2>Do not disturb</h2>
      <p className="quiet" aria-live="polite">
        {silentUntilMs === undefined
          ? "Off: calls ring."
          : `No call rings until ${until.format(silentUntilMs)}. Callers hear that you cannot be reached.`}
      </p>
      <div className="choices">
        {silentUntilMs !== undefined && (
          <button type="button" className="button act" disabled={busy} onClick={() => peace.silence(null)}>
            Let calls ring
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={busy}
          onClick={() => peace.silence(clock.now() + HOUR_MS)}
        >
          For 1 hour
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => peace.silence(morning)}>
          Until {until.format(morning)}
        </button>
      </div>
    </section>
  );
}

function Blocked({ home: { peace, directory } }: Pick<YouProps, "home">) {
  const { blocked, busy } = useStore(peace);
  useStore(directory);
  return (
    <section className="setting">
      <h2>Blocked</h2>
      {blocked.size === 0 && (
        <p className="quiet">No one is blocked. To block a caller, open their entry under Calls.</p>
      )}
      <ul className="rows">
        {[...blocked].map((clientId) => (
          <li key={clientId} className="row">
            <span className="name">{directory.nameOf(clientId) ?? "Someone"}</span>
            <button
              type="button"
              className="button"
              disabled={busy}
              onClick={() => peace.block(clientId, false)}
            >
              Unblock
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
