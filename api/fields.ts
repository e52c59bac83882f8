/** Fields that several requests and replies share. */
import * as z from "zod/mini";
import { withoutDescription } from "../calls/device-token.ts";
import { callIdSchema, clientIdSchema, deviceIdSchema } from "../calls/ids.ts";
import { MAX_DEVICE_TOKEN_LENGTH, MAX_LEGS } from "../calls/limits.ts";
import { Secret } from "../calls/secret.ts";

/** More than 32 bits: code that is generated from the OpenAPI document takes `integer` without a format for an Int. */
export const epochMs = z
  .int()
  .check(z.meta({ format: "int64", description: "Milliseconds since 1970-01-01T00:00:00Z" }));

const DEVICE_TOKEN = new RegExp(`^[\\x21-\\x7e]{1,${MAX_DEVICE_TOKEN_LENGTH}}$`);
export const deviceTokenSchema = z.pipe(
  z
    .string()
    .check(
      z.overwrite(withoutDescription),
      z.regex(DEVICE_TOKEN, `expected 1 to ${MAX_DEVICE_TOKEN_LENGTH} printable characters without spaces`),
    ),
  z.transform((token) => new Secret(token)),
);

/** From the header Idempotency-Key. */
export const idempotencyKeySchema = z.optional(
  z.string().check(z.regex(/^[\x21-\x7e]{1,255}$/, "expected 1 to 255 printable characters without spaces")),
);
export const calleeIdsSchema = z.array(clientIdSchema).check(
  z.maxLength(MAX_LEGS - 1),
  z.refine((ids) => new Set(ids).size === ids.length, "expected different clients"),
);

/** What names one's own part in a call. */
export const inCall = {
  callId: callIdSchema,
  clientId: z.optional(clientIdSchema),
  deviceId: z.optional(deviceIdSchema),
};
