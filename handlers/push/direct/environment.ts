/** This provider's variables: the names of the secrets with the credentials. A network without a secret is not used. */
import * as z from "zod/mini";
import { name, type ValuesOf } from "../../edge/environment.ts";

export const directPushVariables = {
  AWS_REGION: name,
  FCM_SECRET: z.optional(name),
  APNS_SECRET: z.optional(name),
  APNS_SANDBOX: z._default(z.enum(["true", "false"]), "false"),
  /** Set where stand-ins serve the networks. */
  FCM_ORIGIN: z._default(name, "https://fcm.googleapis.com"),
  APNS_ORIGIN: z._default(name, "https://api.push.apple.com"),
  APNS_SANDBOX_ORIGIN: z._default(name, "https://api.sandbox.push.apple.com"),
} as const;

export type DirectPushVariable = keyof typeof directPushVariables;
export type DirectPushEnvironment = ValuesOf<typeof directPushVariables>;
