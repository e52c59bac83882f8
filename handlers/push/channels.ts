/** The push network and the kind of message for each channel that apps register for. */
import type { NotifyType } from "../../calls/device.ts";
import type { PushAddress } from "../../calls/pushes.ts";

/** A message's settings differ by kind. */
export const PUSH_KINDS = ["fcm", "voip", "apns"] as const;
export type PushKind = (typeof PUSH_KINDS)[number];

interface Channel {
  /** `page`: a page in a browser, which no push network reaches. */
  readonly kind: PushKind | "page";
  readonly sandbox?: true;
}

const CHANNELS: Readonly<Record<NotifyType, Channel>> = {
  GCM: { kind: "fcm" },
  APNS: { kind: "apns" },
  APNS_SANDBOX: { kind: "apns", sandbox: true },
  APNS_VOIP: { kind: "voip" },
  APNS_VOIP_SANDBOX: { kind: "voip", sandbox: true },
  WEB: { kind: "page" },
};

/** Undefined for a channel of another release, which must not be taken for one of these. */
export const channelOf = ({ notifyType }: Pick<PushAddress, "notifyType">): Channel | undefined =>
  Object.hasOwn(CHANNELS, notifyType) ? CHANNELS[notifyType] : undefined;
