/** The page of the phone: what is on it follows from who is signed in. */
import { StrictMode, type ReactNode, useState } from "react";
import { createRoot } from "react-dom/client";
import type { SiteConfig } from "../site-config.ts";
import { openSite, type Site } from "./open-phone.ts";
import type { Languages } from "./state/language.ts";
import { saidOfProblem, saidOfWrong } from "./state/words.ts";
import { Card } from "./views/card.tsx";
import { ConfirmView, ForgottenView, ResetView } from "./views/code-views.tsx";
import { HomePage } from "./views/home.tsx";
import { NameForm } from "./views/name-form.tsx";
import { SignInView } from "./views/sign-in-view.tsx";
import { LanguagesContext, useLanguage } from "./views/use-language.tsx";
import { useStore } from "./views/use-store.tsx";

function PhoneApp({ site }: { readonly site: Site }): ReactNode {
  const { account, config } = site;
  const { t } = useLanguage();
  const state = useStore(account);
  const [leaving, setLeaving] = useState(false);
  // The page loads anew, so that nothing of the earlier user stays in it.
  const signOut = (): void => {
    setLeaving(true);
    void account.signOut().then(() => location.assign(location.pathname));
  };
  if (leaving) return <Card title={t.app.opening}>{null}</Card>;
  switch (state.kind) {
    case "opening":
      return <Card title={t.app.opening}>{null}</Card>;
    case "signed-out":
      return <SignInView account={account} config={config} state={state} />;
    case "confirming":
      return <ConfirmView account={account} config={config} state={state} />;
    case "forgetting":
      return <ForgottenView account={account} state={state} />;
    case "resetting":
      return <ResetView account={account} config={config} state={state} />;
    case "naming":
      return (
        <Card title={t.name.title} wrong={state.wrong && saidOfWrong(t, state.wrong)}>
          <p>{t.name.about}</p>
          <NameForm name={state.proposed} busy={state.busy} onName={(name) => void account.takeName(name)} />
          <SignOut onPress={signOut} />
        </Card>
      );
    case "failed":
      return (
        <Card title={saidOfProblem(t, state.problem).title}>
          <p>{t.app.notRegistered}</p>
          <button type="button" className="button act" onClick={() => account.again()}>
            {t.app.tryAgain}
          </button>
          <SignOut onPress={signOut} />
        </Card>
      );
    case "ready":
      return (
        <HomePage
          home={site.home(state)}
          account={account}
          person={state.person}
          isLocal={config.runtime === "local"}
          onSignOut={signOut}
        />
      );
  }
}

function SignOut({ onPress }: { readonly onPress: () => void }) {
  const { t } = useLanguage();
  return (
    <p>
      <button type="button" className="link" onClick={onPress}>
        {t.you.signOut}
      </button>
    </p>
  );
}

function CannotStart({ why }: { readonly why: string }) {
  const { t } = useLanguage();
  return (
    <Card title={t.app.cannotStart} wrong={why}>
      <button type="button" className="button act" onClick={() => location.reload()}>
        {t.app.tryAgain}
      </button>
    </Card>
  );
}

/** `config` is being read already. */
export async function showApp(
  element: HTMLElement,
  config: Promise<SiteConfig>,
  languages: Languages,
): Promise<void> {
  const page = await openSite(config, languages).then(
    (site) => <PhoneApp site={site} />,
    (error: unknown) => <CannotStart why={error instanceof Error ? error.message : String(error)} />,
  );
  createRoot(element).render(
    <StrictMode>
      <LanguagesContext value={languages}>{page}</LanguagesContext>
    </StrictMode>,
  );
  // Over a slow line it would hold up the page for a second.
  await import("../look/font.css");
}
