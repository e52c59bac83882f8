/** The signalling on a socket: whatever server hands an upgrade over, plain or behind TLS. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../clock.ts";
import { serveInOrder } from "../web-socket.ts";
import type { MediaPlane } from "./media-plane.ts";
import { MAX_MESSAGE_BYTES } from "./signalling-messages.ts";
import { type Signalling, stageSignalling } from "./signalling.ts";

export const SIGNALLING_PATH = "/local/ivs/signalling";

export interface SignallingServer {
  serves(message: IncomingMessage): boolean;
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends every connection: a server does not close while one is open. */
  close(): void;
}

/** A page that does not read what it is sent is cut off at this much. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

export function signallingServer(ivs: MediaPlane, clock: Clock): SignallingServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const signalling = stageSignalling(ivs, clock);
  return {
    serves: ({ url = "" }) => url.split("?")[0] === SIGNALLING_PATH,
    upgrade: (message, socket, head) =>
      server.handleUpgrade(message, socket, head, (client) => serve(signalling, client)),
    close() {
      signalling.stop();
      for (const client of server.clients) client.terminate();
    },
  };
}

function serve(signalling: Signalling, client: WebSocket): void {
  const connection = signalling.connect({
    send(message) {
      if (client.bufferedAmount > MAX_UNREAD_BYTES) return client.terminate();
      client.send(JSON.stringify(message));
    },
    close: (code, reason) => client.close(code, reason),
  });
  serveInOrder(client, connection);
}
