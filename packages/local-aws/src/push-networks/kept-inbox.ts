/** What lasts of the devices' inboxes: the latest pushes of each token. */
import type { Store } from "../store/store.ts";

/** A page that opens its inbox gets all of it. */
const MAX_KEPT = 100;
const PLACE = "push.arrived";

interface Arrival<Message> {
  readonly token: string;
  readonly number: number;
  readonly message: Message;
}

export interface KeptInbox<Message> {
  /** What an earlier run has left, by token, oldest first. */
  readonly arrived: Map<string, Message[]>;
  add(token: string, message: Message): void;
}

export function keptInbox<Message>(store: Store): KeptInbox<Message> {
  const rows = store.rows(PLACE);
  const arrived = new Map<string, Message[]>();
  const numbers = new Map<string, number>();
  const keyOf = (token: string, number: number): string => `${token} ${number}`;
  for (const [, text] of rows?.entries() ?? []) {
    const { token, number, message } = JSON.parse(text) as Arrival<Message>;
    arrived.set(token, [...(arrived.get(token) ?? []), message]);
    numbers.set(token, number);
  }
  return {
    arrived,
    add(token, message) {
      if (!rows) return;
      const number = (numbers.get(token) ?? 0) + 1;
      numbers.set(token, number);
      rows.put(keyOf(token, number), JSON.stringify({ token, number, message } satisfies Arrival<Message>));
      rows.delete(keyOf(token, number - MAX_KEPT));
    },
  };
}
