/** A field of a form, and what a form's fields hold. */
import type { SubmitEvent } from "react";
import { MAX_NAME_UNITS } from "../../../people/name-rule.ts";

/** The longest e-mail address. */
const MAX_EMAIL_CHARACTERS = 254;
/** Cognito's limit. */
const MAX_PASSWORD_CHARACTERS = 256;

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly autoComplete: string;
  readonly type?: "text" | "email" | "password" | "time";
  readonly inputMode?: "numeric";
  readonly value?: string;
  readonly hint?: string | undefined;
}

const LONGEST = { email: MAX_EMAIL_CHARACTERS, password: MAX_PASSWORD_CHARACTERS } as const;

export function Field({ label, value, hint, ...input }: FieldProps) {
  const { type } = input;
  const longest = type === "email" || type === "password" ? LONGEST[type] : MAX_NAME_UNITS;
  return (
    <label className="field">
      <span>{label}</span>
      <input {...input} defaultValue={value} maxLength={longest} required />
      {hint && <small className="quiet">{hint}</small>}
    </label>
  );
}

export function fieldsOf(event: SubmitEvent<HTMLFormElement>): (name: string) => string {
  event.preventDefault();
  const form = new FormData(event.currentTarget);
  return (name) => {
    const value = form.get(name);
    if (typeof value !== "string") return "";
    // A password may begin or end with a space.
    return name === "password" ? value : value.trim();
  };
}
