/** The e-mails that Cognito would send: kept here, for the person at the laptop. */
import type { LocalAws } from "../local-aws.ts";
import { asItIs } from "../store/store.ts";

/** E-mails that one mailbox keeps, and mailboxes that are kept; the oldest leave. */
const MAX_MAILS = 20;
const MAX_BOXES = 1_000;

export interface Mail {
  readonly atMs: number;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mailboxes {
  send(username: string, mail: Omit<Mail, "atMs">): void;
  /** What this user got, oldest first. */
  read(username: string): readonly Mail[];
}

export function createMailboxes({ clock, store }: LocalAws): Mailboxes {
  const boxes = store.map("cognito.mail", asItIs<readonly Mail[]>());
  return {
    send(username, mail) {
      const key = username.toLowerCase();
      const mails = [...(boxes.get(key) ?? []), { atMs: clock.now(), ...mail }];
      boxes.delete(key);
      boxes.set(key, mails.slice(-MAX_MAILS));
      const [oldest] = boxes.keys();
      if (boxes.size > MAX_BOXES && oldest !== undefined) boxes.delete(oldest);
    },
    read: (username) => boxes.get(username.toLowerCase()) ?? [],
  };
}
