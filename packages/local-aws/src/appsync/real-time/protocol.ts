/** The messages of AppSync's real-time endpoint, and what carries them. */
import type { ErrorReply } from "../graphql-error.ts";

/** What a client said when it dialled. */
export interface Handshake {
  /** Without the question mark. */
  readonly query: string;
  readonly protocols: readonly string[];
  readonly sourceIp: string;
}

/** The client's end of a connection: a WebSocket, or a test. */
export interface Peer {
  send(message: ServerMessage): void;
  close(code: number, reason: string): void;
}

/** The service's end. */
export interface Connection {
  /** Settles when the message has been dealt with. */
  receive(text: string): Promise<void>;
  closed(): void;
}

export type ProtocolError = Pick<ErrorReply, "message"> & {
  readonly errorType?: string | null | undefined;
  readonly errorCode?: number;
};

export type ServerMessage =
  | { readonly type: "connection_ack"; readonly payload: { readonly connectionTimeoutMs: number } }
  | { readonly type: "connection_error"; readonly payload: { readonly errors: readonly ProtocolError[] } }
  | { readonly type: "ka" }
  | { readonly type: "start_ack"; readonly id: string }
  | { readonly type: "data"; readonly id: string; readonly payload: object }
  | { readonly type: "complete"; readonly id: string }
  | {
      readonly type: "error";
      readonly id?: string;
      readonly payload: { readonly errors: readonly ProtocolError[] };
    };

export const PROTOCOL = "graphql-ws";
export const CONNECTION_TIMEOUT_MS = 300_000;
export const KEEP_ALIVE_MS = 60_000;
/** A connection is closed after a day, whatever it is used for. */
export const LONGEST_CONNECTION_MS = 24 * 3_600_000;
export const MAX_SUBSCRIPTIONS = 100;

/** The credentials of a handshake: as a query parameter, or inside a subprotocol, where logs do not show them. */
export function headersOf({ query, protocols }: Handshake): Readonly<Record<string, string>> | undefined {
  const encoded = protocols.find((one) => one.startsWith("header-"))?.slice("header-".length);
  const text = encoded ?? new URLSearchParams(query).get("header");
  if (!text) return undefined;
  try {
    const headers: unknown = JSON.parse(Buffer.from(text, "base64").toString());
    return lowerCased(headers);
  } catch {
    return undefined;
  }
}

export function lowerCased(headers: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries((headers ?? {}) as object).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}
