/**
 * Shows the requests by which a push reaches FCM or APNs, and plays it at a phone:
 *   npm run push -- --to TOKEN [--type incoming_call] [--notify-type GCM]            shows the request
 *   npm run push -- --to TOKEN … --file push.json                                   writes it to a file
 *   npm run push -- --to TOKEN … --send [--endpoint-url URL] [--stack Ringmaster]   sends it through the stack's provider
 * How it goes wrong: --late SECONDS, --twice, --expired. What it says: --call-id, --caller-id, --receiver-id, --caller-name, --media,
 * --reason, --ring-seconds.
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as z from "zod/mini";
import { MEDIA, PUSH_TYPES } from "../calls/call.ts";
import { isVoip, NOTIFY_TYPES } from "../calls/device.ts";
import { callIdSchema, clientIdSchema } from "../calls/ids.ts";
import type { Push, PushAddress } from "../calls/pushes.ts";
import { Secret } from "../calls/secret.ts";
import { END_REASONS } from "../events/end-reason.ts";
import type { PushSender } from "../handlers/push/port.ts";
import { DEFAULT_RING_SECONDS, expired, playedPush } from "./push/played-push.ts";
import { pushProvider } from "./push/push-provider.ts";
import { pushRequest } from "./push/push-requests.ts";
import { pointStoresAt } from "./sign-out-client.ts";
import { troubleOf } from "./trouble.ts";

const USAGE = `npm run push -- --to TOKEN [--type ${PUSH_TYPES.join("|")}] [--notify-type ${NOTIFY_TYPES.filter((type) => type !== "WEB").join("|")}]
  [--late SECONDS] [--twice] [--expired] [--file FILE] [--send [--endpoint-url URL] [--region NAME] [--stack Ringmaster]
  [--pinpoint-app ID | --fcm-secret NAME --apns-secret NAME]]`;

const optionsSchema = z.object({
  to: z.string().check(z.minLength(1)),
  type: z._default(z.enum(PUSH_TYPES), "incoming_call"),
  "notify-type": z._default(z.enum(NOTIFY_TYPES), "GCM"),
  late: z._default(z.coerce.number().check(z.nonnegative()), 0),
  twice: z._default(z.boolean(), false),
  expired: z._default(z.boolean(), false),
  send: z._default(z.boolean(), false),
  file: z.optional(z.string()),
  "call-id": z.optional(callIdSchema),
  "caller-id": z.optional(clientIdSchema),
  "receiver-id": z.optional(clientIdSchema),
  "caller-name": z._default(z.string(), "Alice Adams"),
  media: z._default(z.enum(MEDIA), "audio"),
  reason: z.optional(z.enum(END_REASONS)),
  "ring-seconds": z._default(z.coerce.number().check(z.positive()), DEFAULT_RING_SECONDS),
  project: z._default(z.string(), "your-project"),
  bundle: z._default(z.string(), "com.example.app"),
  "endpoint-url": z.optional(z.string()),
  region: z.optional(z.string()),
  stack: z._default(z.string(), "Ringmaster"),
  "pinpoint-app": z.optional(z.string()),
  "fcm-secret": z.optional(z.string()),
  "apns-secret": z.optional(z.string()),
});
export type PushOptions = z.output<typeof optionsSchema>;

const FLAGS: readonly string[] = ["twice", "expired", "send"];

export function readOptions(args: readonly string[]): PushOptions {
  const options = Object.fromEntries(
    Object.keys(optionsSchema.shape).map(
      (name) => [name, { type: FLAGS.includes(name) ? "boolean" : "string" }] as const,
    ),
  );
  const { values } = parseArgs({ args: [...args], options });
  const parsed = optionsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`--${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}\n${USAGE}`);
}

export interface Playing {
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly print: (text: string) => void;
  readonly write: (file: string, text: string) => void;
  /** Opened when the push is to be sent. */
  readonly provider: (options: PushOptions) => Promise<PushSender>;
}

/** False if the network took a push of them for undeliverable. */
export async function play(options: PushOptions, at: Playing): Promise<boolean> {
  refuseToWakeForNothing(options);
  const push = pushOf(options, at);
  const { to, "notify-type": notifyType, project: projectId, bundle: bundleId } = options;
  const address: PushAddress = { deviceId: "played", notifyType, token: new Secret(to), seenAtMs: at.now() };
  const request = pushRequest(push, address, { projectId, bundleId }, at.now());
  if (!request) throw new Error("a page in a browser gets no push: it rings by onCallUpdated");
  const requests = options.twice ? [request, request] : [request];
  const text = JSON.stringify(options.twice ? requests : request, undefined, 2);
  if (options.file === undefined) at.print(text);
  else at.write(options.file, `${text}\n`);
  if (!options.send) return true;
  const sender = await at.provider(options);
  let accepted = true;
  for (const _each of requests) accepted = (await sent(sender, push, address, at)) && accepted;
  return accepted;
}

/** Apple revokes a token that wakes an app for anything but a call. */
function refuseToWakeForNothing({ type, "notify-type": notifyType }: PushOptions): void {
  if (!isVoip(notifyType) || type === "incoming_call") return;
  throw new Error(
    `--type ${type}: only incoming_call goes to a VoIP token; name an ordinary one with --notify-type APNS`,
  );
}

function pushOf(options: PushOptions, { now, random }: Playing): Push {
  const ringSeconds = options["ring-seconds"];
  const played = {
    type: options.type,
    callId: options["call-id"],
    callerId: options["caller-id"],
    receiverId: options["receiver-id"],
    callerName: options["caller-name"],
    media: options.media,
    reason: options.reason,
    ringSeconds,
    lateSeconds: options.expired ? expired(ringSeconds) : options.late,
  };
  return playedPush(played, { nowMs: now(), random });
}

/** Of what was sent only the outcome is printed: the reply of a network may hold the token. */
async function sent(
  sender: PushSender,
  push: Push,
  address: PushAddress,
  { print }: Playing,
): Promise<boolean> {
  const [result] = await sender.send(push, [address]);
  print(`${push.type} → ${address.notifyType}: ${result?.outcome ?? "nothing was sent"}`);
  return result?.outcome === "accepted";
}

function openProvider(options: PushOptions): Promise<PushSender> {
  const { "endpoint-url": endpoint, region } = options;
  pointStoresAt({ endpoint });
  return pushProvider({
    endpoint,
    region,
    stackName: options.stack,
    pinpointAppId: options["pinpoint-app"],
    fcmSecret: options["fcm-secret"],
    apnsSecret: options["apns-secret"],
    now: () => Date.now(),
    random: randomBytes,
  });
}

async function main(): Promise<void> {
  const accepted = await play(readOptions(process.argv.slice(2)), {
    now: () => Date.now(),
    random: randomBytes,
    print: (text) => console.log(text),
    write: (file, text) => writeFileSync(file, text),
    provider: openProvider,
  });
  if (!accepted) process.exitCode = 1;
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    console.error(troubleOf(error));
    process.exitCode = 1;
  });
}
