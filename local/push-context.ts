/** Context of a stack that pushes directly: its secrets are made on this machine (`direct-push.ts`), for networks of its own. */
export function localPushContext({ push }: { readonly push?: string }): Record<string, string> {
  if (push !== "direct") return {};
  return { fcmSecret: "ringmaster/fcm", apnsSecret: "ringmaster/apns", apnsSandbox: "true" };
}
