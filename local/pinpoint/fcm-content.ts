/** A GCMMessage as FCM reads it: the HTTP v1 message in RawContent, or the fields of GCMMessage. */
import * as z from "zod";
import type { AddressConfiguration, DirectMessage } from "./message-request.ts";
import { alertOf, checkSize, type Content, parseRaw, refuse } from "./push-content.ts";

/** Four weeks, FCM's longest. */
const LONGEST_TTL_SECONDS = 2_419_200;
const DEFAULT_PRIORITY = "normal";

const notification = z.object({ title: z.string().optional(), body: z.string().optional() });
const rawMessage = z.object({
  fcmV1Message: z.object({
    message: z.object({
      data: z.record(z.string(), z.string()).optional(),
      notification: notification.optional(),
      android: z
        .object({
          priority: z.enum(["normal", "high", "NORMAL", "HIGH"]).optional(),
          ttl: z
            .string()
            .regex(/^\d+(\.\d+)?s$/)
            .optional(),
          collapse_key: z.string().optional(),
          data: z.record(z.string(), z.string()).optional(),
          notification: notification.optional(),
        })
        .optional(),
    }),
  }),
});

type GcmMessage = NonNullable<DirectMessage["GCMMessage"]>;

export function fcmContent(message: GcmMessage, address: AddressConfiguration): Content {
  const rawContent = address.RawContent ?? message.RawContent;
  const content = rawContent === undefined ? fromFields(message, address) : fromRaw(rawContent, message);
  checkData(content.data);
  if (content.ttlSeconds > LONGEST_TTL_SECONDS) refuse(400, `Invalid TTL ${content.ttlSeconds} s`);
  return content;
}

/** `android.data` and `android.notification` win over the message's own, as FCM has it. */
function fromRaw(rawContent: string, outer: GcmMessage): Content {
  const { message } = parseRaw(rawMessage, rawContent).fcmV1Message;
  const android = message.android ?? {};
  const collapseId = android.collapse_key ?? outer.CollapseKey;
  const shown = android.notification ?? message.notification;
  return {
    priority: android.priority?.toLowerCase() ?? outer.Priority ?? DEFAULT_PRIORITY,
    ttlSeconds: android.ttl ? parseFloat(android.ttl) : (outer.TimeToLive ?? LONGEST_TTL_SECONDS),
    ...(collapseId === undefined ? {} : { collapseId }),
    voip: false,
    data: android.data ?? message.data ?? {},
    ...alertOf(shown?.title, shown?.body),
  };
}

function fromFields(message: GcmMessage, address: AddressConfiguration): Content {
  return {
    priority: message.Priority ?? DEFAULT_PRIORITY,
    ttlSeconds: message.TimeToLive ?? LONGEST_TTL_SECONDS,
    ...(message.CollapseKey === undefined ? {} : { collapseId: message.CollapseKey }),
    voip: false,
    data: message.Data ?? {},
    ...alertOf(address.TitleOverride ?? message.Title, address.BodyOverride ?? message.Body),
  };
}

/** FCM keeps some keys for itself. */
function checkData(data: Readonly<Record<string, string>>): void {
  const reserved = Object.keys(data).find((key) => /^(from$|message_type$|google\.|gcm\.)/.test(key));
  if (reserved) refuse(400, `Invalid data payload key: ${reserved}`);
  checkSize(data, 400, "Message too big");
}
