/**
 * An APNSMessage as APNs reads it: a payload from RawContent or from the fields, and headers from the fields.
 *
 * What Apple and Pinpoint document as an error is one here, because on AWS it shows only as a phone that stays silent.
 */
import * as z from "zod";
import type { AddressConfiguration, DirectMessage } from "./message-request.ts";
import { alertOf, checkSize, type Content, parseRaw, refuse } from "./push-content.ts";

/** Apple names no limit; Pinpoint sends none without TimeToLive. */
const DEFAULT_TTL_SECONDS = 2_592_000;
const LONGEST_COLLAPSE_ID_BYTES = 64;

const alert = z.union([
  z.string().transform((body) => ({ title: undefined, body })),
  z.object({ title: z.string().optional(), body: z.string().optional() }),
]);
const rawPayload = z.looseObject({
  aps: z.looseObject({
    alert: alert.optional(),
    "content-available": z.literal([0, 1], "RawContent must have content-available, 0 or 1"),
  }),
});

type ApnsMessage = NonNullable<DirectMessage["APNSMessage"]>;
type Payload = Pick<Content, "data" | "alert"> & { readonly silent: boolean };

export function apnsContent(message: ApnsMessage, address: AddressConfiguration, voip: boolean): Content {
  const rawContent = address.RawContent ?? message.RawContent;
  const { silent, ...payload } =
    rawContent === undefined ? fromFields(message, address) : fromRaw(rawContent);
  const pushType = message.APNSPushType ?? (silent ? "background" : "alert");
  const priority = priorityOf(message.Priority);
  checkHeaders({ pushType, priority, voip, collapseId: message.CollapseId });
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
  const { aps, ...own } = parseRaw(rawPayload, rawContent);
  const data = Object.entries(own).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return {
    silent: aps["content-available"] === 1 && !aps.alert,
    data: Object.fromEntries(data),
    ...alertOf(aps.alert?.title, aps.alert?.body),
  };
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

interface Headers {
  readonly pushType: string;
  readonly priority: string;
  readonly voip: boolean;
  readonly collapseId: string | undefined;
}

function checkHeaders({ pushType, priority, voip, collapseId = "" }: Headers): void {
  if (voip !== (pushType === "voip")) {
    refuse(400, `InvalidPushType: ${pushType} on ${voip ? "a" : "no"} VoIP topic`);
  }
  if (pushType === "background" && priority === "10")
    refuse(400, "BadPriority: a background push must use 5");
  if (Buffer.byteLength(collapseId) > LONGEST_COLLAPSE_ID_BYTES) refuse(400, "BadCollapseId");
}
