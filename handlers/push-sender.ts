/** The push service that the stack has chosen; the code of the others is not loaded. Pages in browsers need none. */
import type { PushAddress } from "../calls/pushes.ts";
import { sendGroups } from "./adapters/push-groups.ts";
import type { Environment } from "./environment.ts";
import type { DirectPushEnvironment } from "./adapters/direct-push.ts";
import type { Edge } from "./handler.ts";
import type { PushSender } from "./send-push.ts";

type PushEnvironment = Environment<"PUSH" | "PINPOINT_APP_ID"> & DirectPushEnvironment;

export async function pushSender(env: PushEnvironment, edge: Edge): Promise<PushSender> {
  return besidePages(await networkSender(env, edge));
}

const isPage = ({ notifyType }: PushAddress): boolean => notifyType === "WEB";

/** An open page has heard of the call already, by the GraphQL API; a closed one does not answer, like a phone in a drawer. */
const besidePages = (sender: PushSender): PushSender => ({
  ...sender,
  send: (push, addresses) =>
    sendGroups([
      {
        addresses: addresses.filter((address) => !isPage(address)),
        send: (others) => sender.send(push, others),
      },
      {
        addresses: addresses.filter(isPage),
        send: async (pages) => pages.map((address) => ({ address, outcome: "accepted" })),
      },
    ]),
});

/** Phones that only a push could ring cannot be reached, and the call says why. */
const noProvider: PushSender = {
  send: async (_push, addresses) => addresses.map((address) => ({ address, outcome: "no_provider" })),
};

async function networkSender(env: PushEnvironment, edge: Edge): Promise<PushSender> {
  switch (env.PUSH) {
    case "none":
      return noProvider;
    case "direct": {
      const { directPush } = await import("./adapters/direct-push.ts");
      return directPush(env, edge);
    }
    case "pinpoint": {
      // The stack names neither credentials nor an application.
      if (!env.PINPOINT_APP_ID) return noProvider;
      const { pinpointPush } = await import("./adapters/pinpoint-push.ts");
      return pinpointPush({ region: env.AWS_REGION, appId: env.PINPOINT_APP_ID });
    }
  }
}
