/** Signing in, signing up, and the code that comes by e-mail. */
import { type ReactNode, type SubmitEvent, useState } from "react";
import { MAX_NAME_UNITS } from "../../../people/name-rule.ts";
import { Ring } from "../../look/ring.tsx";
import type { SiteConfig } from "../../site-config.ts";
import type { Account, AccountState } from "../state/account.ts";
import "./sign-in-view.css";

type Of<K extends AccountState["kind"]> = Extract<AccountState, { kind: K }>;

interface SignInViewProps {
  readonly account: Account;
  readonly config: SiteConfig;
  readonly state: Of<"signed-out">;
}

/** What a form's field holds. */
export function fieldsOf(event: SubmitEvent<HTMLFormElement>): (name: string) => string {
  event.preventDefault();
  const form = new FormData(event.currentTarget);
  return (name) => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
}

export function SignInView({ account, config, state }: SignInViewProps) {
  const [isNew, setNew] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    const field = fieldsOf(event);
    const credentials = { username: field("username"), password: field("password") };
    void (isNew ? account.signUp({ ...credentials, email: field("email") }) : account.signIn(credentials));
  };
  return (
    <Card title={isNew ? "Sign up" : "Sign in"} wrong={state.wrong}>
      <form onSubmit={submit}>
        <Field label="Username" name="username" autoComplete="username" />
        {isNew && <Field label="E-mail" name="email" type="email" autoComplete="email" />}
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          hint={isNew ? "At least 8 characters, with upper and lower case, a digit and a sign." : undefined}
        />
        <button type="submit" className="button act" disabled={state.busy}>
          {isNew ? "Sign up" : "Sign in"}
        </button>
      </form>
      <p>
        {isNew ? "Signed up before?" : "New here?"}{" "}
        <button type="button" className="link" onClick={() => setNew(!isNew)}>
          {isNew ? "Sign in" : "Sign up"}
        </button>
      </p>
      {config.people && <ReadyMade people={config.people} />}
    </Card>
  );
}

/** Each in a window of its own, so that they can call each other. */
function ReadyMade({ people }: { readonly people: NonNullable<SiteConfig["people"]> }) {
  return (
    <div className="ready-made">
      <p className="quiet">Or be one of the people of this local runtime, each in a tab of their own:</p>
      <ul>
        {people.map(({ username }) => (
          <li key={username}>
            <a className="button" href={`?as=${encodeURIComponent(username)}`}>
              {username}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function ConfirmView({
  account,
  config,
  state,
}: Omit<SignInViewProps, "state"> & { state: Of<"confirming"> }) {
  const { username, busy, wrong } = state;
  const mailbox = `/local/mail/${encodeURIComponent(username)}`;
  return (
    <Card title="Check your mail" wrong={wrong}>
      {config.runtime === "local" ? (
        <p>
          This local runtime sends no e-mail. The code is at{" "}
          <a href={mailbox} target="_blank" rel="noreferrer">
            {mailbox}
          </a>
          .
        </p>
      ) : (
        <p>A code is on its way to your e-mail address.</p>
      )}
      <form onSubmit={(event) => void account.confirm(fieldsOf(event)("code"))}>
        <Field label="Code" name="code" autoComplete="one-time-code" inputMode="numeric" />
        <button type="submit" className="button act" disabled={busy}>
          Confirm
        </button>
      </form>
      <p>
        <button type="button" className="link" disabled={busy} onClick={() => void account.resendCode()}>
          Send another code
        </button>{" "}
        <button type="button" className="link" onClick={() => account.backToSignIn()}>
          Back
        </button>
      </p>
    </Card>
  );
}

export function NameView({ account, state }: Pick<SignInViewProps, "account"> & { state: Of<"naming"> }) {
  const { proposed, busy, wrong } = state;
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    const field = fieldsOf(event);
    void account.takeName({ firstName: field("firstName"), lastName: field("lastName") });
  };
  return (
    <Card title="Your name" wrong={wrong}>
      <p>Others find and call you by it.</p>
      <form onSubmit={submit}>
        <Field label="First name" name="firstName" autoComplete="given-name" value={proposed.firstName} />
        <Field label="Last name" name="lastName" autoComplete="family-name" value={proposed.lastName} />
        <button type="submit" className="button act" disabled={busy}>
          Save
        </button>
      </form>
    </Card>
  );
}

interface CardProps {
  readonly title: string;
  readonly wrong?: string | undefined;
  readonly children: ReactNode;
}

export function Card({ title, wrong, children }: CardProps) {
  return (
    <main className="card">
      <Ring state="idle" size={72} />
      <h1>{title}</h1>
      {wrong && (
        <p className="notice wrong" role="alert">
          {wrong}
        </p>
      )}
      {children}
    </main>
  );
}

interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly autoComplete: string;
  readonly type?: "text" | "email" | "password";
  readonly inputMode?: "numeric";
  readonly value?: string;
  readonly hint?: string | undefined;
}

function Field({ label, value, hint, ...input }: FieldProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        {...input}
        defaultValue={value}
        maxLength={input.type === "email" ? 254 : MAX_NAME_UNITS}
        required
      />
      {hint && <small className="quiet">{hint}</small>}
    </label>
  );
}
