/** A connection over a WebSocket, whatever is spoken on it. */
import type { WebSocket } from "ws";

export interface SocketConnection {
  receive(text: string): Promise<void>;
  closed(): void;
}

/** Hands the messages over one after the other: none may overtake what its client said before. */
export function serveInOrder(client: WebSocket, connection: SocketConnection): void {
  let last: Promise<void> = Promise.resolve();
  client.on("message", (data: Buffer) => {
    last = last
      .then(() => connection.receive(data.toString()))
      .catch(() => client.close(1011, "the local runtime failed"));
  });
  client.on("close", () => connection.closed());
  // A broken frame closes the connection; no other part needs to know.
  client.on("error", () => client.terminate());
}
