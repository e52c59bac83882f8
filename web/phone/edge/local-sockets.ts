/**
 * Amplify dials real time by `wss:` only, whatever the scheme of the GraphQL endpoint, and a local runtime serves its pages by
 * plain HTTP, so that no certificate has to be trusted first. So beside a local runtime a socket to the host of the API
 * goes by `ws:`. Every other socket, and every page of a deployed stack, is left alone.
 */
export function dialLocally(apiUrl: string): void {
  const { host, protocol } = new URL(apiUrl);
  if (protocol !== "http:") return;
  const secure = `wss://${host}/`;
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      const wanted = String(url);
      super(wanted.startsWith(secure) ? wanted.replace("wss:", "ws:") : wanted, protocols);
    }
  };
}
