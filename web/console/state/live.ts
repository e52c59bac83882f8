/**
 * Views that stay up to date: the server sends each view again when it has changed. All places that show a view share
 * one stream.
 *
 * A stream that breaks is opened again by EventSource itself. One that is refused is not: then the view is asked for once
 * without a stream, which says in words what is wrong, and opened again after a while unless asking again cannot help.
 */
import * as z from "zod/mini";

export interface Problem {
  readonly status?: number | undefined;
  readonly title: string;
  readonly detail?: string | undefined;
}

export type Connection = "connecting" | "open" | "lost";

export interface Live<View> {
  readonly connection: Connection;
  /** The last that was heard, also after the connection was lost. */
  readonly view?: View;
  readonly heardAtMs?: number;
  readonly problem?: Problem;
}

export interface LiveView<View> {
  readonly subscribe: (changed: () => void) => () => void;
  /** The same object until something has changed. */
  readonly snapshot: () => Live<View>;
  /** Asks again, now. */
  readonly again: () => void;
}

/** What of an EventSource is used. */
export interface Stream {
  readonly readyState: number;
  addEventListener(
    type: "open" | "message" | "problem" | "error",
    listener: (event: { data?: unknown }) => void,
  ): void;
  close(): void;
}
const CLOSED = 2;

export interface LiveWorld {
  open(url: string): Stream;
  /** The view once, without a stream. */
  ask(url: string): Promise<{ readonly status: number; readonly body: unknown }>;
  readonly now: () => number;
  /** Calls back later; the returned function calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** Between a refused stream and the next try. */
const AGAIN_MS = 5_000;
/** A page that goes and one that comes may show the same view. */
const LINGER_MS = 1_000;

const problemSchema = z.object({
  status: z.optional(z.number()),
  title: z.string(),
  detail: z.optional(z.string()),
});
const UNREADABLE: Problem = {
  title: "The console's server sent something this page cannot read",
  detail: "Is the page older than the server? Load it again.",
};
const UNREACHABLE: Problem = {
  title: "The console's server does not answer",
  detail: "Does it still run? This page goes on trying.",
};

export type LiveViews = <View>(url: string, schema: z.ZodMiniType<View>) => LiveView<View>;

export function openLiveViews(world: LiveWorld): LiveViews {
  const views = new Map<string, LiveView<unknown>>();
  return <View>(url: string, schema: z.ZodMiniType<View>) => {
    const known = views.get(url);
    // A URL has one schema: what its view is.
    if (known) return known as LiveView<View>;
    const view = liveView({ url, schema, world, forget: () => views.delete(url) });
    views.set(url, view);
    return view;
  };
}

interface LiveOptions<View> {
  readonly url: string;
  readonly schema: z.ZodMiniType<View>;
  readonly world: LiveWorld;
  readonly forget: () => void;
}

function liveView<View>({ url, schema, world, forget }: LiveOptions<View>): LiveView<View> {
  const watchers = new Set<() => void>();
  let now: Live<View> = { connection: "connecting" };
  let stream: Stream | undefined;
  let callOff = (): void => undefined;

  const change = (next: Partial<Live<View>>): void => {
    now = { ...now, ...next };
    for (const watcher of watchers) watcher();
  };
  const hear = (body: unknown): void => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) return change({ problem: UNREADABLE });
    const { problem: _solved, ...rest } = now;
    now = rest;
    change({ connection: "open", view: parsed.data, heardAtMs: world.now() });
  };
  const later = (): void => {
    callOff();
    callOff = world.after(AGAIN_MS, open);
  };
  const askWhy = async (): Promise<void> => {
    try {
      const { status, body } = await world.ask(url);
      if (!stream) return;
      if (status < 400) hear(body);
      else change({ problem: { status, ...problemOf(body) } });
      if (status < 400 || status >= 500 || status === 429) later();
    } catch {
      // No answer at all: the watchers learn it, and the next try follows.
      change({ problem: UNREACHABLE });
      later();
    }
  };
  function open(): void {
    stream?.close();
    const opened = world.open(url);
    stream = opened;
    opened.addEventListener("open", () => change({ connection: "open" }));
    opened.addEventListener("message", ({ data }) => hear(jsonOf(data)));
    opened.addEventListener("problem", ({ data }) => change({ problem: problemOf(jsonOf(data)) }));
    opened.addEventListener("error", () => {
      change({ connection: "lost" });
      if (stream === opened && opened.readyState === CLOSED) void askWhy();
    });
  }
  const close = (): void => {
    stream?.close();
    stream = undefined;
    forget();
  };

  return {
    subscribe(changed) {
      callOff();
      watchers.add(changed);
      if (!stream) open();
      return () => {
        watchers.delete(changed);
        if (watchers.size > 0) return;
        callOff();
        callOff = world.after(LINGER_MS, close);
      };
    },
    snapshot: () => now,
    again() {
      change({ connection: "connecting" });
      callOff();
      open();
    },
  };
}

export function problemOf(body: unknown): Problem {
  const parsed = problemSchema.safeParse(body);
  return parsed.success ? parsed.data : UNREADABLE;
}

function jsonOf(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
