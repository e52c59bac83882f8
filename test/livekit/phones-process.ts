/** The process of phones.ts: one page, one Room of the Web SDK for each participant. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type * as LiveKit from "livekit-client";
import { launchBrowser } from "../browser/browser.ts";
import type { Answer, Ask } from "./phones.ts";

declare const LivekitClient: typeof LiveKit;
type Page = Awaited<ReturnType<Awaited<ReturnType<typeof launchBrowser>>["newPage"]>>;

/** An empty page of this machine's own address: only such a page may have a microphone, and reach a server of the machine. */
const site = createServer((_request, reply) => {
  reply.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>");
});
await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
const address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;

const browser = await launchBrowser();
const opening = openPage();
process.on("message", (message: { id: number } & Ask) => void answer(message));
process.on("disconnect", () => void browser.close().finally(() => process.exit()));

async function openPage(): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(address);
  await page.addScriptTag({ path: "node_modules/livekit-client/dist/livekit-client.umd.js" });
  return page;
}

async function answer({ id, ...ask }: { id: number } & Ask): Promise<void> {
  if (ask.do === "shut") {
    await browser.close();
    process.exit(0);
  }
  try {
    process.send?.({ id, reply: await run(await opening, ask) } satisfies Answer);
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) } satisfies Answer);
  }
}

function run(page: Page, ask: Ask): Promise<string> {
  return page.evaluate(async (asked) => {
    const rooms = ((globalThis as { rooms?: Map<string, LiveKit.Room> }).rooms ??= new Map());
    const room = rooms.get(("identity" in asked && asked.identity) || "");
    if (asked.do === "join") {
      const joining = new LivekitClient.Room();
      await joining.connect(asked.url, asked.token, { maxRetries: 0 });
      rooms.set(joining.localParticipant.identity, joining);
      return joining.localParticipant.identity;
    }
    if (!room) throw new Error("has not joined");
    if (asked.do === "renewed token") return (room.engine as unknown as { token: string }).token;
    if (asked.do === "leave") {
      await room.disconnect();
      return "";
    }
    await room.localParticipant.setMicrophoneEnabled(true);
    return "";
  }, ask);
}
