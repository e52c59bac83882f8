/** The codes that come by e-mail: one confirms a newcomer's address, one lets a forgotten password be set anew. */
import type { SiteConfig } from "../../site-config.ts";
import type { Account, AccountState } from "../state/account.ts";
import { saidOfWrong } from "../state/words.ts";
import { Card } from "./card.tsx";
import { Field, fieldsOf } from "./field.tsx";
import { useLanguage } from "./use-language.tsx";

type Of<K extends AccountState["kind"]> = Extract<AccountState, { kind: K }>;

interface CodeViewProps<S> {
  readonly account: Account;
  readonly config: SiteConfig;
  readonly state: S;
}

export function ConfirmView({ account, config, state }: CodeViewProps<Of<"confirming">>) {
  const { t } = useLanguage();
  const { username, busy, wrong } = state;
  return (
    <Card title={t.signIn.checkMail} wrong={wrong && saidOfWrong(t, wrong)}>
      <Sent username={username} config={config} said={t.signIn.codeSent} />
      <form onSubmit={(event) => void account.confirm(fieldsOf(event)("code"))}>
        <Field label={t.signIn.code} name="code" autoComplete="one-time-code" inputMode="numeric" />
        <button type="submit" className="button act" disabled={busy}>
          {t.signIn.confirm}
        </button>
      </form>
      <p className="links">
        <button type="button" className="link" disabled={busy} onClick={() => void account.resendCode()}>
          {t.signIn.anotherCode}
        </button>
        <Back account={account} />
      </p>
    </Card>
  );
}

export function ForgottenView({ account, state }: Omit<CodeViewProps<Of<"forgetting">>, "config">) {
  const { t } = useLanguage();
  const { busy, wrong } = state;
  return (
    <Card title={t.signIn.forgottenTitle} wrong={wrong && saidOfWrong(t, wrong)}>
      <p>{t.signIn.forgottenAbout}</p>
      <form onSubmit={(event) => void account.sendResetCode(fieldsOf(event)("username"))}>
        <Field label={t.signIn.username} name="username" autoComplete="username" />
        <button type="submit" className="button act" disabled={busy}>
          {t.signIn.sendCode}
        </button>
      </form>
      <p className="links">
        <Back account={account} />
      </p>
    </Card>
  );
}

export function ResetView({ account, config, state }: CodeViewProps<Of<"resetting">>) {
  const { t } = useLanguage();
  const { username, busy, wrong } = state;
  return (
    <Card title={t.signIn.resetTitle} wrong={wrong && saidOfWrong(t, wrong)}>
      <Sent username={username} config={config} said={t.signIn.codeSentIfKnown} />
      <form
        onSubmit={(event) => {
          const field = fieldsOf(event);
          void account.setPassword(field("code"), field("password"));
        }}
      >
        <Field label={t.signIn.code} name="code" autoComplete="one-time-code" inputMode="numeric" />
        <Field
          label={t.signIn.newPassword}
          name="password"
          type="password"
          autoComplete="new-password"
          hint={t.signIn.passwordHint}
        />
        <button type="submit" className="button act" disabled={busy}>
          {t.signIn.setPassword}
        </button>
      </form>
      <p className="links">
        <button
          type="button"
          className="link"
          disabled={busy}
          onClick={() => void account.sendResetCode(username)}
        >
          {t.signIn.anotherCode}
        </button>
        <Back account={account} />
      </p>
    </Card>
  );
}

function Back({ account }: { readonly account: Account }) {
  const { t } = useLanguage();
  return (
    <button type="button" className="link" onClick={() => account.backToSignIn()}>
      {t.signIn.back}
    </button>
  );
}

interface SentProps {
  readonly username: string;
  readonly config: SiteConfig;
  readonly said: string;
}

function Sent({ username, config, said }: SentProps) {
  const { t } = useLanguage();
  if (config.runtime !== "local") return <p>{said}</p>;
  const mailbox = `/local/mail/${encodeURIComponent(username)}`;
  return (
    <p>
      {t.signIn.noMailHere}{" "}
      <a href={mailbox} target="_blank" rel="noreferrer" dir="ltr">
        {mailbox}
      </a>
    </p>
  );
}
