/** One's own name, as others see it: a newcomer's, or a new one. */
import type { SubmitEvent } from "react";
import type { OwnName } from "../state/account.ts";
import { Field, fieldsOf } from "./field.tsx";
import { useLanguage } from "./use-language.tsx";

interface NameFormProps {
  readonly name: OwnName;
  readonly busy: boolean;
  readonly onName: (name: OwnName) => void;
}

export function NameForm({ name, busy, onName }: NameFormProps) {
  const { t } = useLanguage();
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    const field = fieldsOf(event);
    onName({ firstName: field("firstName"), lastName: field("lastName") });
  };
  return (
    <form onSubmit={submit}>
      <Field label={t.name.first} name="firstName" autoComplete="given-name" value={name.firstName} />
      <Field label={t.name.last} name="lastName" autoComplete="family-name" value={name.lastName} />
      <button type="submit" className="button act" disabled={busy}>
        {t.app.save}
      </button>
    </form>
  );
}
