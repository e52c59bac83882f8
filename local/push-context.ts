/** Context that gives a stack push channels on a laptop. The runtime fills the secrets, for its own push networks. */
export const LOCAL_CREDENTIALS: Readonly<Record<string, string>> = {
  fcmSecret: "ringmaster/fcm",
  apnsSecret: "ringmaster/apns",
  apnsSandbox: "true",
};

/** A stack that names its own credentials or provider keeps them. */
export function localPushContext(
  context: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const { push = "pinpoint", fcmSecret, apnsSecret, apnsCertificateSecret, pinpointAppId } = context;
  const named = fcmSecret ?? apnsSecret ?? apnsCertificateSecret ?? pinpointAppId;
  return push === "none" || named !== undefined ? {} : LOCAL_CREDENTIALS;
}
