/** The page of the phone. */
import { StrictMode, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import "../look/look.css";
import { openSite, type Site } from "./open-phone.ts";
import { saidOfProblem } from "./state/words.ts";
import { HomePage } from "./views/home.tsx";
import { Card, ConfirmView, NameView, SignInView } from "./views/sign-in-view.tsx";
import { useStore } from "./views/use-store.tsx";

function PhoneApp({ site }: { readonly site: Site }): ReactNode {
  const { account, config } = site;
  const state = useStore(account);
  switch (state.kind) {
    case "opening":
      return <Card title="One moment …">{null}</Card>;
    case "signed-out":
      return <SignInView account={account} config={config} state={state} />;
    case "confirming":
      return <ConfirmView account={account} config={config} state={state} />;
    case "naming":
      return <NameView account={account} state={state} />;
    case "failed":
      return <Failed title={saidOfProblem(state.problem).title} onAgain={() => account.again()} />;
    case "ready":
      return (
        <HomePage
          home={site.home(state)}
          person={state.person}
          isLocal={config.runtime === "local"}
          // The page loads anew, so that nothing of the earlier user stays in it.
          onSignOut={() => void account.signOut().then(() => location.assign(location.pathname))}
        />
      );
  }
}

function Failed({ title, onAgain }: { readonly title: string; readonly onAgain: () => void }) {
  return (
    <Card title={title}>
      <p>The phone could not be registered. Check the network and try again.</p>
      <button type="button" className="button act" onClick={onAgain}>
        Try again
      </button>
    </Card>
  );
}

const element = document.getElementById("root");
if (!element) throw new Error("index.html has no #root");
const root = createRoot(element);

function show(page: ReactNode): void {
  root.render(<StrictMode>{page}</StrictMode>);
}

async function start(): Promise<void> {
  try {
    show(<PhoneApp site={await openSite()} />);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    show(
      <Card title="This page could not start" wrong={why}>
        <button type="button" className="button act" onClick={() => location.reload()}>
          Try again
        </button>
      </Card>,
    );
  }
}

void start();
