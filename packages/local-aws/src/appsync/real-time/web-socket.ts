/** The real-time endpoint on a socket: whatever server hands an upgrade over, plain or behind TLS. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { serveInOrder } from "../../web-socket.ts";
import type { AppSync } from "../appsync.ts";
import { PROTOCOL } from "./protocol.ts";

export interface RealTimeServer {
  /** For a server's `upgrade` event. Other paths are refused. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends every connection: a server does not close while one is open. */
  close(): void;
}

const PATHS = ["/graphql/realtime", "/graphql"];
const MAX_MESSAGE_BYTES = 240 * 1024;

export function realTimeServer(appsync: AppSync): RealTimeServer {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (protocols) => (protocols.has(PROTOCOL) ? PROTOCOL : false),
  });
  return {
    upgrade(message, socket, head) {
      const [path = "/"] = (message.url ?? "/").split("?");
      if (PATHS.includes(path)) {
        server.handleUpgrade(message, socket, head, (client) => serve(appsync, message, client));
        return;
      }
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    },
    close() {
      for (const client of server.clients) client.terminate();
    },
  };
}

function serve(appsync: AppSync, { url = "", headers, socket }: IncomingMessage, client: WebSocket): void {
  const protocols = (headers["sec-websocket-protocol"] ?? "").split(",").map((one) => one.trim());
  const query = url.split("?").slice(1).join("?");
  const sourceIp = socket.remoteAddress ?? "127.0.0.1";
  const connection = appsync.connect(
    { query, protocols, sourceIp },
    {
      send: (message) => client.send(JSON.stringify(message)),
      close: (code, reason) => client.close(code, reason),
    },
  );
  serveInOrder(client, connection);
}
