/**
 * Whom a local port answers: clients that name this machine, and pages that it has served itself.
 *
 * O1 A page of another site can make its own name mean 127.0.0.1 (DNS rebinding) and would then read everything here. Its
 *    requests still name its host, so another host than this machine's is refused.
 * O2 A page of another site can send requests here that need no permission. They carry its origin, so another origin than that of
 *    the pages here is refused where the request itself proves nothing (the AWS port, which takes any credentials).
 */
import type { IncomingHttpHeaders } from "node:http";

const THIS_MACHINE = ["127.0.0.1", "localhost", "[::1]"];

export interface OwnHosts {
  /** Why the request is not answered; undefined if it is. */
  refusal(headers: IncomingHttpHeaders): string | undefined;
}

/** `more`: names under which this machine is reached as well, such as that of a proxy in front of it. */
export function ownHosts(more: readonly string[] = []): OwnHosts {
  const names = new Set([...THIS_MACHINE, ...more].map((name) => name.toLowerCase()));
  return {
    refusal({ host, ":authority": authority }) {
      const given = String(host ?? authority);
      if (names.has(given.toLowerCase().replace(/:\d+$/, ""))) return undefined;
      return `Host: expected ${[...names].join(", ")}, got ${given}`;
    },
  };
}

export interface OwnOrigins {
  /** False for a page of another site; what is no page has no origin. */
  admits(origin: string | undefined): boolean;
}

/** Pages on these ports of this machine, and those of these origins. */
export function ownOrigins(
  ports: { readonly http: number; readonly tls?: number | undefined },
  more: readonly string[] = [],
): OwnOrigins {
  const of = (scheme: string, port: number): string[] =>
    THIS_MACHINE.map((name) => `${scheme}://${name}:${port}`);
  const origins = new Set([
    ...of("http", ports.http),
    ...(ports.tls === undefined ? [] : of("https", ports.tls)),
    ...more.map((origin) => new URL(origin).origin),
  ]);
  return { admits: (origin) => origin === undefined || origins.has(origin) };
}
