/** Sends the pushes that the call demands now. */
import { callStore } from "./store/call-store.ts";
import { clientStore } from "./store/client-store.ts";
import { directory } from "./store/directory.ts";
import { eventBus } from "./edge/event-bus.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge, measure } from "./edge/handler.ts";
import { pushSender } from "./push/push-sender.ts";
import { sendPush, sendPushInput } from "./push/send-push.ts";
import type { SendPush } from "./push/tell-leg.ts";

const env = readEnvironment(
  "AWS_REGION",
  "CALLS_TABLE",
  "CLIENTS_TABLE",
  "DEVICES_TABLE",
  "PEOPLE_TABLE",
  "BUS_NAME",
  "PUSH",
);

const tools: SendPush = {
  calls: callStore(env),
  clients: clientStore(env),
  directory: directory(env),
  publisher: eventBus(env),
  sender: await pushSender(env.PUSH, edge),
  edge,
};

export const handler = defineHandler(sendPushInput, async (call) => {
  const startedMs = edge.now();
  const view = await sendPush(tools, call);
  measure("PushTaskDuration", startedMs);
  count("PushTasks");
  return view;
});
