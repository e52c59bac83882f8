/** The part of MessageRequest that sends a push; any other member stops the request with its name. */
import * as z from "zod";
import { PUSH_CHANNELS } from "../push-networks/push-networks.ts";

/** Of one SendMessages. */
const MOST_ADDRESSES = 100;

const data = z.record(z.string(), z.string());

const addressConfiguration = z.strictObject({
  ChannelType: z.enum(PUSH_CHANNELS),
  RawContent: z.string().optional(),
  BodyOverride: z.string().optional(),
  TitleOverride: z.string().optional(),
});

const gcmMessage = z.strictObject({
  Body: z.string().optional(),
  CollapseKey: z.string().optional(),
  Data: data.optional(),
  PreferredAuthenticationMethod: z.enum(["KEY", "TOKEN"]).optional(),
  Priority: z.enum(["normal", "high"]).optional(),
  RawContent: z.string().optional(),
  SilentPush: z.boolean().optional(),
  TimeToLive: z.int().min(0).optional(),
  Title: z.string().optional(),
});

const apnsMessage = z.strictObject({
  APNSPushType: z.enum(["alert", "background", "complication", "fileprovider", "mdm", "voip"]).optional(),
  Body: z.string().optional(),
  CollapseId: z.string().optional(),
  Data: data.optional(),
  PreferredAuthenticationMethod: z.enum(["CERTIFICATE", "TOKEN"]).optional(),
  Priority: z.string().optional(),
  RawContent: z.string().optional(),
  SilentPush: z.boolean().optional(),
  Sound: z.string().optional(),
  TimeToLive: z.int().min(0).optional(),
  Title: z.string().optional(),
});

const directMessage = z.strictObject({
  GCMMessage: gcmMessage.optional(),
  APNSMessage: apnsMessage.optional(),
});

export const messageRequest = z.strictObject({
  Addresses: z.record(z.string(), addressConfiguration).refine((addresses) => {
    const count = Object.keys(addresses).length;
    return count > 0 && count <= MOST_ADDRESSES;
  }, `must have 1 to ${MOST_ADDRESSES} addresses`),
  MessageConfiguration: directMessage,
  TraceId: z.string().optional(),
});

export type AddressConfiguration = z.infer<typeof addressConfiguration>;
export type DirectMessage = z.infer<typeof directMessage>;
