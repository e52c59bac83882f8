/** The page of the console: its edge to the browser, and which stack it looks at. */
import { StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import * as z from "zod/mini";
import "../look/font.css";
import "../look/look.css";
import { stackSchema } from "./state/facts.ts";
import { openLiveViews, type LiveWorld, type Problem, problemOf } from "./state/live.ts";
import { App } from "./views/app.tsx";
import { InWorld } from "./views/world.tsx";
import { Start } from "./views/start.tsx";

const STACK = "/console/api/stack";

const world: LiveWorld = {
  open: (url) => new EventSource(url),
  async ask(url) {
    const reply = await fetch(url, { headers: { accept: "application/json" }, cache: "no-store" });
    return { status: reply.status, body: await reply.json().catch(() => undefined) };
  },
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

async function post(url: string, body: object): Promise<Problem | undefined> {
  try {
    const headers = { "content-type": "application/json", accept: "application/json" };
    const reply = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    return reply.ok ? undefined : problemOf(await reply.json().catch(() => undefined));
  } catch {
    return { title: "The console's server does not answer", detail: "Does it still run?" };
  }
}

async function start(root: Root): Promise<void> {
  const show = (page: React.ReactNode): void => root.render(<StrictMode>{page}</StrictMode>);
  show(<Start />);
  try {
    const { status, body } = await world.ask(STACK);
    const stack = z.safeParse(stackSchema, body);
    if (status >= 400 || !stack.success) {
      return show(<Start problem={problemOf(body)} again={() => void start(root)} />);
    }
    const inWorld = {
      live: openLiveViews(world),
      ask: (url: string) => world.ask(url),
      post,
      stack: stack.data,
      now: world.now,
    };
    show(
      <InWorld value={inWorld}>
        <App />
      </InWorld>,
    );
  } catch {
    // No answer at all.
    const problem = {
      title: "The console's server does not answer",
      detail: "Start it with npm start, or with npm run console for a deployed stack.",
    };
    show(<Start problem={problem} again={() => void start(root)} />);
  }
}

const element = document.getElementById("root");
if (!element) throw new Error("index.html has no #root");
await start(createRoot(element));
