/** Context that gives a stack push channels on a laptop. The runtime makes what the secrets hold, for networks of its own. */
export const LOCAL_CREDENTIALS: Readonly<Record<string, string>> = {
  fcmSecret: "ringmaster/fcm",
  apnsSecret: "ringmaster/apns",
  apnsSandbox: "true",
};

/** A stack that names credentials or a provider of its own has what it names. */
export function localPushContext(
  context: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const { push = "pinpoint", fcmSecret, apnsSecret, apnsCertificateSecret, pinpointAppId } = context;
  const named = fcmSecret ?? apnsSecret ?? apnsCertificateSecret ?? pinpointAppId;
  return push === "none" || named !== undefined ? {} : LOCAL_CREDENTIALS;
}
