/** The real LiveKit server with real phones, where its binary and a browser are there; else the tests that need it are left out. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { hasBrowser } from "../browser/browser.ts";
import type { SentWebhook } from "../../handlers/media/livekit/webhook-token.ts";
import { findLiveKitServer, GET_LIVEKIT, startLiveKitServer } from "../../local/livekit-server.ts";

/** Its path. Without it one line says how to get it. */
export function realServer(): string | undefined {
  const binary = findLiveKitServer();
  if (!binary) {
    console.warn(
      `tests with a real LiveKit server are left out: put livekit-server on the PATH (${GET_LIVEKIT})`,
    );
    return undefined;
  }
  return hasBrowser() ? binary : undefined;
}

/** Three ports in a row, of which the first is free. Outside those that the system gives out. */
export async function freePorts(): Promise<number> {
  for (let port = 7730 + (process.pid % 16) * 3; ; port += 3) {
    const isFree = await new Promise<boolean>((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

export type RealServer = Awaited<ReturnType<typeof openRealServer>>;

/** `webhook` gets each of its webhooks as it was sent, in order. */
export async function openRealServer(binary: string, webhook: (sent: SentWebhook) => Promise<void>) {
  let last = Promise.resolve();
  const listener = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.end();
      const { authorization } = request.headers;
      last = last.then(() => webhook({ authorization, body: Buffer.concat(chunks) }));
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const webhookUrl = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
  const server = await startLiveKitServer({ binary, port: await freePorts(), webhookUrl });
  return {
    url: server.url,
    async close() {
      await server.stop();
      listener.closeAllConnections();
      await new Promise<void>((resolve) => listener.close(() => resolve()));
    },
  };
}
