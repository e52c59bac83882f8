/** A person's lines: each is a client, an address for calls. A phone rings for one of them. */
import { listeners } from "../../../packages/client/src/listeners.ts";
import type { Problem } from "../../../packages/client/src/wire/problem.ts";
import type { Commands } from "../../../packages/client/src/wire/rest-api.ts";

export interface LinesState {
  /** The first one first. Empty until they are read. */
  readonly clientIds: readonly string[];
  readonly busy: boolean;
  readonly problem?: Problem | undefined;
}

export interface Lines {
  state(): LinesState;
  subscribe(listener: () => void): () => void;
  read(): void;
  /** This phone rings for that line from now on: the page loads anew. */
  use(clientId: string): void;
  /** One more, for this phone. */
  open(): void;
}

export interface LinesWorld {
  readonly commands: Commands;
  /** As this phone is registered. */
  readonly device: { readonly notifyType: string; readonly deviceToken: string; readonly deviceId: string };
  readonly choose: (clientId: string) => void;
}

export function openLines({ commands, device, choose }: LinesWorld): Lines {
  const watchers = listeners();
  let state: LinesState = { clientIds: [], busy: false };

  function change(next: Partial<LinesState>): void {
    state = { ...state, ...next };
    watchers.tell();
  }

  return {
    state: () => state,
    subscribe: (listener) => watchers.subscribe(listener),
    read() {
      void commands
        .send("listClients", {})
        .then((outcome) =>
          change(
            outcome.ok
              ? { clientIds: outcome.value.clients.map(({ id }) => id), problem: undefined }
              : { problem: outcome.problem },
          ),
        );
    },
    use: choose,
    open() {
      change({ busy: true, problem: undefined });
      void commands.send("register", { ...device, anotherClient: true }).then((outcome) => {
        if (outcome.ok) return choose(outcome.value.id);
        change({ busy: false, problem: outcome.problem });
      });
    },
  };
}
