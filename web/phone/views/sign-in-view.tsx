/** What this page is, and signing in or up. */
import { type SubmitEvent, useState } from "react";
import type { SiteConfig } from "../../site-config.ts";
import type { Account, AccountState } from "../state/account.ts";
import { saidOfWrong } from "../state/words.ts";
import { Card } from "./card.tsx";
import { Field, fieldsOf } from "./field.tsx";
import { LanguageChoice } from "./language-choice.tsx";
import { useLanguage } from "./use-language.tsx";

interface SignInViewProps {
  readonly account: Account;
  readonly config: SiteConfig;
  readonly state: Extract<AccountState, { kind: "signed-out" }>;
}

export function SignInView({ account, config, state }: SignInViewProps) {
  const { t } = useLanguage();
  const [isNew, setNew] = useState(false);
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    const field = fieldsOf(event);
    const credentials = { username: field("username"), password: field("password") };
    void (isNew ? account.signUp({ ...credentials, email: field("email") }) : account.signIn(credentials));
  };
  return (
    <Card
      title={isNew ? t.signIn.titleNew : t.signIn.title}
      wrong={state.wrong && saidOfWrong(t, state.wrong)}
    >
      <p>{t.signIn.about}</p>
      <form onSubmit={submit}>
        <Field label={t.signIn.username} name="username" autoComplete="username" />
        {isNew && <Field label={t.signIn.email} name="email" type="email" autoComplete="email" />}
        <Field
          label={t.signIn.password}
          name="password"
          type="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          hint={isNew ? t.signIn.passwordHint : undefined}
        />
        <button type="submit" className="button act" disabled={state.busy}>
          {isNew ? t.signIn.signUp : t.signIn.signIn}
        </button>
      </form>
      <p className="links">
        {!isNew && (
          <button type="button" className="link" onClick={() => account.forgetPassword()}>
            {t.signIn.forgot}
          </button>
        )}
        <span>
          {isNew ? t.signIn.isKnown : t.signIn.isNew}{" "}
          <button type="button" className="link" onClick={() => setNew(!isNew)}>
            {isNew ? t.signIn.signIn : t.signIn.signUp}
          </button>
        </span>
      </p>
      {config.people && <ReadyMade people={config.people} />}
      <LanguageChoice />
    </Card>
  );
}

/** Each in a window of its own, so that they can call each other. */
function ReadyMade({ people }: { readonly people: NonNullable<SiteConfig["people"]> }) {
  const { t } = useLanguage();
  return (
    <div className="ready-made">
      <p className="quiet">{t.signIn.readyMade}</p>
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
