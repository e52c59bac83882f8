/** The push service that the stack has chosen; the code of the others is not loaded. Pages in browsers need none. */
import type { PushAddress } from "../../calls/pushes.ts";
import { sendGroups } from "./push-groups.ts";
import type { Environment } from "../edge/environment.ts";
import type { DirectPushEnvironment } from "./direct-push.ts";
import type { Edge } from "../edge/handler.ts";
import type { PushSender } from "../send-push.ts";

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

async function networkSender(env: PushEnvironment, edge: Edge): Promise<PushSender> {
  switch (env.PUSH) {
    case "none":
      return {
        send: async (_push, addresses) => addresses.map((address) => ({ address, outcome: "failed" })),
      };
    case "direct": {
      const { directPush } = await import("./direct-push.ts");
      return directPush(env, edge);
    }
    case "pinpoint": {
      if (!env.PINPOINT_APP_ID)
        throw new Error(
          "the function's environment is not complete: PINPOINT_APP_ID: needed by PUSH=pinpoint",
        );
      const { pinpointPush } = await import("./pinpoint-push.ts");
      return pinpointPush({ region: env.AWS_REGION, appId: env.PINPOINT_APP_ID });
    }
  }
}
