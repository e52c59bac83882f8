/** One's own name, and changing it. */
import { useState } from "react";
import type { Account, OwnName } from "../state/account.ts";
import { nameOf, type Person } from "../state/people.ts";
import { saidOfWrong } from "../state/words.ts";
import type { Wrong } from "../state/wrong.ts";
import { NameForm } from "./name-form.tsx";
import { useLanguage } from "./use-language.tsx";

interface NameSettingProps {
  readonly account: Pick<Account, "rename">;
  readonly person: Person;
}

export function NameSetting({ account, person }: NameSettingProps) {
  const { t } = useLanguage();
  const [editing, setEditing] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<Wrong>();

  async function rename(name: OwnName): Promise<void> {
    setBusy(true);
    const refused = await account.rename(name);
    setBusy(false);
    setWrong(refused);
    if (!refused) setEditing(false);
  }

  return (
    <section className="setting">
      <h2>{t.name.title}</h2>
      {wrong && (
        <p className="notice wrong" role="alert">
          {saidOfWrong(t, wrong)}
        </p>
      )}
      {editing ? (
        <NameForm name={person} busy={busy} onName={(name) => void rename(name)} />
      ) : (
        <>
          <p aria-live="polite">{nameOf(person)}</p>
          <button type="button" className="button" onClick={() => setEditing(true)}>
            {t.name.edit}
          </button>
        </>
      )}
    </section>
  );
}
