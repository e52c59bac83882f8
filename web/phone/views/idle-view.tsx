/** No call: beside the lists, where there is room for it, the last calls and how to begin one. */
import { Ring } from "../../look/ring.tsx";
import type { Home } from "../open-phone.ts";
import { CallRows } from "./call-history.tsx";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";

const SHOWN = 5;

interface IdleViewProps {
  readonly home: Home;
  readonly hasLastCalls: boolean;
}

export function IdleView({ home, hasLastCalls }: IdleViewProps) {
  const { t } = useLanguage();
  const history = useStore(home.history);
  const ringsHere = useStore(home.connection) === "here";
  const calls = hasLastCalls ? history.calls.slice(0, SHOWN) : [];
  return (
    <div className="face idle">
      <Ring state="idle" size={calls.length > 0 ? 120 : 220} />
      {ringsHere && <p>{t.call.idle}</p>}
      {calls.length > 0 && (
        <section className="last-calls">
          <h2>{t.history.last}</h2>
          <CallRows home={home} calls={calls} />
        </section>
      )}
    </div>
  );
}
