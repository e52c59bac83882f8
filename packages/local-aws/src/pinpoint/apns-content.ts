/**
 * An APNSMessage as APNs reads it: a payload from RawContent or from the fields, and headers from the fields.
 *
 * What Apple and Pinpoint document as an error is one here, because on AWS it shows only as a device that stays silent.
 */
import { apnsPayload, checkApnsHeaders } from "../push-networks/apns-message.ts";
import { alertOf, checkSize, type Content, refuse } from "../push-networks/push-content.ts";
import type { AddressConfiguration, DirectMessage } from "./message-request.ts";

/** Apple names no limit; Pinpoint sends none without TimeToLive. */
const DEFAULT_TTL_SECONDS = 2_592_000;

type ApnsMessage = NonNullable<DirectMessage["APNSMessage"]>;
type Payload = Pick<Content, "data" | "alert" | "aps"> & { readonly silent: boolean };

export function apnsContent(message: ApnsMessage, address: AddressConfiguration, voip: boolean): Content {
  const rawContent = address.RawContent ?? message.RawContent;
  const { silent, ...payload } =
    rawContent === undefined ? fromFields(message, address) : fromRaw(rawContent);
  const pushType = message.APNSPushType ?? (silent ? "background" : "alert");
  const priority = priorityOf(message.Priority);
  checkApnsHeaders({ pushType, priority, voip, collapseId: message.CollapseId });
  return {
    priority,
    ttlSeconds: message.TimeToLive ?? DEFAULT_TTL_SECONDS,
    pushType,
    ...(message.CollapseId === undefined ? {} : { collapseId: message.CollapseId }),
    voip,
    ...payload,
  };
}

function fromRaw(rawContent: string): Payload {
  checkSize(rawContent, 413, "PayloadTooLarge");
  const { contentAvailable, ...payload } = apnsPayload(rawContent, "RawContent");
  if (contentAvailable === undefined) refuse(400, "RawContent must have content-available, 0 or 1");
  return payload;
}

function fromFields(message: ApnsMessage, address: AddressConfiguration): Payload {
  const data = message.Data ?? {};
  checkSize(data, 413, "PayloadTooLarge");
  const silent = message.SilentPush ?? false;
  const shown = alertOf(address.TitleOverride ?? message.Title, address.BodyOverride ?? message.Body);
  return { silent, data, ...(silent ? {} : shown) };
}

/** Pinpoint takes FCM's words too. */
function priorityOf(priority = "10"): string {
  const converted = { normal: "5", high: "10", "5": "5", "10": "10" }[priority];
  return converted ?? refuse(400, `BadPriority: ${priority}`);
}
