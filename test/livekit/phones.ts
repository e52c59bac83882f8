/**
 * Phones at a real LiveKit server: pages of a Chromium with the Web SDK. They run in a process of their own, because a browser's driver
 * needs real time and the tests run in virtual time.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What the process is asked to do. */
export type Ask =
  | { readonly do: "join"; readonly url: string; readonly token: string }
  | { readonly do: "publish" | "leave" | "renewed token" | "shut"; readonly identity?: string };

export interface Phones {
  /** The participant's identity. Rejects if the server lets nobody in. */
  join(url: string, token: string): Promise<string>;
  publish(identity: string): Promise<void>;
  leave(identity: string): Promise<void>;
  /** The token that the server gave it after joining. */
  renewedToken(identity: string): Promise<string>;
  close(): Promise<void>;
}

export async function openPhones(): Promise<Phones> {
  const child = fork(fileURLToPath(new URL("phones-process.ts", import.meta.url)));
  const waiting = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  child.on("message", (message: Answer) => waiting.get(message.id)?.(message));
  const ask = async (what: Ask): Promise<string> => {
    const id = (asked += 1);
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, ...what });
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.reply ?? "";
  };
  return {
    join: (url, token) => ask({ do: "join", url, token }),
    publish: async (identity) => void (await ask({ do: "publish", identity })),
    leave: async (identity) => void (await ask({ do: "leave", identity })),
    renewedToken: (identity) => ask({ do: "renewed token", identity }),
    async close() {
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.send({ id: 0, do: "shut" });
      await gone;
    },
  };
}

export interface Answer {
  readonly id: number;
  readonly reply?: string;
  readonly error?: string;
}
