/**
 * One port on 127.0.0.1: HTTP, or HTTPS if it has a certificate; an upgrade to WebSocket goes to the handler for upgrades. Any other
 * is an offer that need not be taken (RFC 9110, 7.8): `curl --http2` and Java's client make one with each request.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/** Takes over a connection that asks for another protocol: answers the handshake, or ends the socket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface ListenerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** The flag that chooses the port, for the error. */
  readonly flag: string;
  readonly serve: RequestListener;
  readonly upgrade?: Upgrade | undefined;
  /** In PEM. */
  readonly certificate?: { readonly key: string; readonly cert: string };
}

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

export const LOOPBACK = "127.0.0.1";

export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { serve, certificate, upgrade } = options;
  const http = { shouldUpgradeCallback: isWebSocket };
  const server = certificate
    ? createTlsServer({ ...http, ...certificate }, serve)
    : createServer(http, serve);
  const upgraded = new Set<Duplex>();
  if (upgrade) {
    server.on("upgrade", (request, socket, head) => {
      upgraded.add(socket);
      socket.once("close", () => upgraded.delete(socket));
      // A client that disconnects in the middle must not stop the server.
      socket.once("error", () => socket.destroy());
      upgrade(request, socket, head);
    });
  }
  await listening(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    /** Kept-alive and upgraded connections would hold the process open for as long as their clients like. */
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      for (const socket of upgraded) socket.destroy();
      await closed;
    },
  };
}

const isWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === "websocket";

/** The port itself, or a free one in place of 0. */
export async function freePort(port: number): Promise<number> {
  if (port !== 0) return port;
  const server = createServer();
  await listening(server, { port, flag: "" });
  const { port: free } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return free;
}

function listening(server: Server, { port, flag }: Pick<ListenerOptions, "port" | "flag">): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const busy = error.code === "EADDRINUSE";
      reject(busy ? new Error(`port ${port} is in use: choose another with ${flag} <number>`) : error);
    });
    server.listen(port, LOOPBACK, resolve);
  });
}
