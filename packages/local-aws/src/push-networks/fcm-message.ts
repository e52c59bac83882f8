/** A message of FCM's HTTP v1 API, as far as it goes to Android, and what a device gets of it. */
import * as z from "zod";
import { alertOf, checkSize, type Content, refuse } from "./push-content.ts";

/** Four weeks, FCM's longest. */
export const LONGEST_TTL_SECONDS = 2_419_200;
export const DEFAULT_PRIORITY = "normal";

const notification = z.object({ title: z.string().optional(), body: z.string().optional() });
export const fcmMessageSchema = z.object({
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
});

/** What holds where the message says nothing. */
export interface FcmDefaults {
  readonly priority?: string | undefined;
  readonly ttlSeconds?: number | undefined;
  readonly collapseId?: string | undefined;
}

/** `android.data` and `android.notification` win over the message's own, as FCM has it. */
export function fcmContentOf(
  message: z.infer<typeof fcmMessageSchema>,
  { priority = DEFAULT_PRIORITY, ttlSeconds = LONGEST_TTL_SECONDS, ...defaults }: FcmDefaults = {},
): Content {
  const android = message.android ?? {};
  const collapseId = android.collapse_key ?? defaults.collapseId;
  const shown = android.notification ?? message.notification;
  return {
    priority: android.priority?.toLowerCase() ?? priority,
    ttlSeconds: android.ttl ? parseFloat(android.ttl) : ttlSeconds,
    ...(collapseId === undefined ? {} : { collapseId }),
    voip: false,
    data: android.data ?? message.data ?? {},
    ...alertOf(shown?.title, shown?.body),
  };
}

/** FCM keeps some keys for itself. */
export function checkFcmContent({ data, ttlSeconds }: Content): void {
  const reserved = Object.keys(data).find((key) => /^(from$|message_type$|google\.|gcm\.)/.test(key));
  if (reserved) refuse(400, `Invalid data payload key: ${reserved}`);
  checkSize(data, 400, "Message too big");
  if (ttlSeconds > LONGEST_TTL_SECONDS) refuse(400, `Invalid TTL ${ttlSeconds} s`);
}
