/** Receives the LiveKit server's webhooks, at a route of the HTTP API that needs no sign-in: their signature is what counts. */
import * as z from "zod/mini";
import { count, defineHandler, edge, logger } from "./edge/handler.ts";
import { apiKeys } from "./media/livekit/api-keys.ts";
import { defaultBus } from "./media/livekit/default-bus.ts";
import { readLiveKitEnvironment } from "./media/livekit/environment.ts";
import { type Received, receiveWebhook, type ReceiveWebhook } from "./media/livekit/receive-webhook.ts";

/** API Gateway HTTP API, payload format 2.0. It takes a body of the webhooks' content type for binary, and encodes it. */
const httpEvent = z.object({
  body: z.nullish(z.string()),
  isBase64Encoded: z._default(z.boolean(), false),
  /** Names in lower case. */
  headers: z.record(z.string(), z.string()),
});

const env = readLiveKitEnvironment("AWS_REGION", "LIVEKIT_SECRET");
const tools: ReceiveWebhook = {
  keys: apiKeys({ region: env.AWS_REGION, now: edge.now }, env.LIVEKIT_SECRET),
  now: edge.now,
  publish: defaultBus(env.AWS_REGION),
};

const STATUS = { published: 200, "of no call": 200, refused: 401, unreadable: 400 } as const satisfies Record<
  Received["kind"],
  number
>;

export const handler = defineHandler(httpEvent, async ({ body, isBase64Encoded, headers }) => {
  const sent = {
    authorization: headers["authorization"],
    body: Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8"),
  };
  const received = await receiveWebhook(tools, sent);
  if (!("reason" in received)) return { statusCode: STATUS[received.kind] };
  logger.warn(`webhook ${received.kind}`, { reason: received.reason });
  count("WebhooksRefused");
  const message = `webhook ${received.kind}: ${received.reason}`;
  return {
    statusCode: STATUS[received.kind],
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message }),
  };
});
