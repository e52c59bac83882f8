/**
 * Pushes to this page, beside a local runtime: the inbox of its device token, live. It repeats earlier pushes, so
 * the listener drops what is out of date. On AWS no push network reaches a page: there the phone rings by updates.
 */
import { parsePush, type Push } from "../../../packages/client/src/wire/pushes.ts";
import { object, tryRead } from "../../../packages/client/src/wire/read.ts";

const message = object({ data: (value: unknown) => value });

export function listenForPushes(deviceToken: string, heard: (push: Push) => void): () => void {
  const source = new EventSource(`/local/push/${encodeURIComponent(deviceToken)}`);
  source.addEventListener("message", ({ data }: MessageEvent<string>) => {
    const push = parsePush(tryRead(message, JSON.parse(data))?.data);
    if (push) heard(push);
  });
  return () => source.close();
}
