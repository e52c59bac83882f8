/**
 * Pushes to this page, beside a local runtime: the inbox of its device token, live. It repeats earlier pushes, so
 * the listener drops what is out of date. On AWS no push network reaches a page: there the phone rings by updates.
 */
import * as z from "zod/mini";
import { parsePush, type Push } from "../state/pushes.ts";

const messageSchema = z.object({ data: z.unknown() });

export function listenForPushes(deviceToken: string, heard: (push: Push) => void): () => void {
  const source = new EventSource(`/local/push/${encodeURIComponent(deviceToken)}`);
  source.addEventListener("message", ({ data }: MessageEvent<string>) => {
    const message = messageSchema.safeParse(JSON.parse(data));
    const push = message.success ? parsePush(message.data.data) : undefined;
    if (push) heard(push);
  });
  return () => source.close();
}
