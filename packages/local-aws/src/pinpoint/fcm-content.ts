/** A GCMMessage as FCM reads it: the HTTP v1 message in RawContent, or the fields of GCMMessage. */
import * as z from "zod";
import {
  checkFcmContent,
  DEFAULT_PRIORITY,
  fcmContentOf,
  fcmMessageSchema,
  LONGEST_TTL_SECONDS,
} from "../push-networks/fcm-message.ts";
import { alertOf, type Content, parseJson } from "../push-networks/push-content.ts";
import type { AddressConfiguration, DirectMessage } from "./message-request.ts";

const rawMessage = z.object({ fcmV1Message: z.object({ message: fcmMessageSchema }) });

type GcmMessage = NonNullable<DirectMessage["GCMMessage"]>;

export function fcmContent(message: GcmMessage, address: AddressConfiguration): Content {
  const rawContent = address.RawContent ?? message.RawContent;
  const content = rawContent === undefined ? fromFields(message, address) : fromRaw(rawContent, message);
  checkFcmContent(content);
  return content;
}

function fromRaw(rawContent: string, { Priority, TimeToLive, CollapseKey }: GcmMessage): Content {
  const { message } = parseJson(rawMessage, rawContent, "RawContent").fcmV1Message;
  return fcmContentOf(message, { priority: Priority, ttlSeconds: TimeToLive, collapseId: CollapseKey });
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
