/** A person's lines: which one this phone rings for, and another one. */
import { useEffect } from "react";
import type { Home } from "../open-phone.ts";
import { saidOfProblem } from "../state/words.ts";
import { useLanguage } from "./use-language.tsx";
import { useStore } from "./use-store.tsx";

interface LinesSettingProps {
  readonly home: Pick<Home, "lines" | "me">;
  /** The line that others call by the directory. */
  readonly first: string | undefined;
}

export function LinesSetting({ home: { lines, me }, first }: LinesSettingProps) {
  const { t } = useLanguage();
  const { clientIds, busy, problem } = useStore(lines);
  useEffect(() => lines.read(), [lines]);
  const inOrder = [...clientIds].toSorted((one, other) => Number(other === first) - Number(one === first));
  return (
    <section className="setting">
      <h2>{t.you.lines}</h2>
      <p className="quiet">{t.you.linesAbout}</p>
      {problem && (
        <p className="notice wrong" role="alert">
          {saidOfProblem(t, problem).title}
        </p>
      )}
      <ul className="rows">
        {inOrder.map((clientId, index) => (
          <li key={clientId} className="row">
            <span className="name">
              {clientId === first ? t.you.firstLine : t.you.line(index + 1)}
              {clientId === me.clientId && <span className="quiet">{t.you.thisPhone}</span>}
            </span>
            {clientId !== me.clientId && (
              <button type="button" className="button" onClick={() => lines.use(clientId)}>
                {t.you.useLine}
              </button>
            )}
          </li>
        ))}
      </ul>
      <button type="button" className="button" disabled={busy} onClick={() => lines.open()}>
        {t.you.newLine}
      </button>
    </section>
  );
}
