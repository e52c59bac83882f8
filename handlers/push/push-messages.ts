/** The messages for phones, as FCM and APNs read them: the same bytes whichever service delivers them. */
import type { Push } from "../../calls/pushes.ts";
import type { PushKind } from "./channels.ts";

/** The message of FCM's HTTP v1 API, without its token. */
export function fcmMessage({ type, data, ttlSeconds }: Push) {
  const collapse = type === "incoming_call" ? {} : { collapse_key: data.call_id };
  return { data, android: { priority: "HIGH", ttl: `${ttlSeconds}s`, ...collapse } };
}

export interface ApnsMessage {
  readonly pushType: "voip" | "alert" | "background";
  readonly priority: "10" | "5";
  readonly ttlSeconds: number;
  readonly collapseId?: string;
  /** JSON. */
  readonly payload: string;
}

/** VoIP wakes the app; an alert is shown by the system; everything else updates the app in the background. */
export function apnsMessage(push: Push, kind: Exclude<PushKind, "fcm">): ApnsMessage {
  const voip = kind === "voip";
  const alert = voip ? undefined : alertOf(push);
  const collapseId = push.type === "incoming_call" ? undefined : push.data.call_id;
  return {
    pushType: voip ? "voip" : alert ? "alert" : "background",
    // Apple refuses background pushes of priority 10.
    priority: voip || alert ? "10" : "5",
    ttlSeconds: push.ttlSeconds,
    ...(collapseId && { collapseId }),
    payload: JSON.stringify({ aps: alert ?? { "content-available": 1 }, ...push.data }),
  };
}

function alertOf({ type, data }: Push): Record<string, unknown> | undefined {
  const title = {
    incoming_call: `${data.caller_name} is calling`,
    missed_call: `Missed call from ${data.caller_name}`,
  }[type as string];
  if (!title) return undefined;
  return {
    alert: { title },
    sound: "default",
    category: type,
    "thread-id": data.caller_id,
    "content-available": 0,
  };
}
