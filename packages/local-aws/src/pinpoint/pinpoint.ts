/** Amazon Pinpoint (AWS End User Messaging Push) on a laptop: applications, channels and SendMessages by address. */
import type { LocalAws, Service } from "../local-aws.ts";
import type { ResourceTypes } from "../resource.ts";
import { appOperations, appResources, type Apps } from "./apps.ts";
import { tooManyRequests } from "./pinpoint-error.ts";
import { type Inbox, type PushNetworks, pushNetworks } from "../push-networks/push-networks.ts";
import { sendMessages } from "./send-messages.ts";

export interface PinpointOptions {
  /** An app whose template configures no channel accepts them all: a laptop has no FCM or APNs secrets. */
  readonly anyChannel?: boolean;
  /** Its own without it. */
  readonly networks?: PushNetworks;
}

export interface Pinpoint {
  readonly service: Service;
  readonly resources: ResourceTypes;
  readonly inbox: Inbox;
  readonly setOutcome: PushNetworks["setOutcome"];
}

export function createPinpoint(localAws: LocalAws, options: PinpointOptions = {}): Pinpoint {
  const { anyChannel = true, networks = pushNetworks(localAws) } = options;
  const apps: Apps = new Map();
  return {
    service: {
      name: "mobiletargeting",
      throttled: tooManyRequests,
      operations: {
        ...appOperations(apps, localAws),
        SendMessages: sendMessages({ apps, localAws, networks, anyChannel }),
      },
    },
    resources: appResources(apps, localAws),
    inbox: networks.inbox,
    setOutcome: networks.setOutcome,
  };
}
