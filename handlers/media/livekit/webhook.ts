/**
 * What LiveKit's webhooks say of participants, in three forms: as the server sends it, as `receive-webhook` puts it on the default
 * bus, and as a hint. Source: livekit/protocol, livekit_webhook.proto; protobuf's JSON writes 64-bit numbers as strings.
 *
 * A participant that has joined counts as publishing, whether or not it sends: it can listen.
 *
 * `createdAt` has whole seconds, and a phone may leave and come back within one. So the time of both reports is that of the session
 * that they are about, `joinedAtMs`, where it is later: a stop ends its own session (a stop at the same moment counts) and no
 * later one.
 */
import * as z from "zod/mini";
import { callIdSchema, participantOf } from "../../../calls/ids.ts";
import type { ParticipantEvents, ParticipantSaid } from "../port.ts";
import { type Change, CHANGES, WEBHOOK_SOURCE } from "./participant-changed.ts";

/** What becomes of each webhook; any other is nothing to calls. */
const MEANINGS: ReadonlyMap<string, Change> = new Map([
  ["participant_joined", "joined"],
  ["track_published", "joined"],
  ["participant_left", "left"],
  ["participant_connection_aborted", "left"],
]);

const epochMs = z.pipe(z.coerce.number(), z.int().check(z.nonnegative()));

const webhookSchema = z.object({
  event: z.string(),
  createdAt: epochMs,
  room: z.optional(z.object({ name: z.string() })),
  participant: z.optional(
    z.object({
      identity: z.string(),
      // Events of tracks say no more of their participant than who it is.
      joinedAtMs: z._default(epochMs, 0),
      disconnectReason: z.optional(z.string()),
    }),
  ),
});

const detailSchema = z.object({
  change: z.enum(CHANGES),
  room: z.string(),
  identity: z.string(),
  atMs: z.int(),
});
export type ParticipantChange = z.infer<typeof detailSchema>;

/** Undefined for a webhook that is about no participant of a call. A room's name begins with its call's id. */
export function participantChange(webhook: unknown): ParticipantChange | undefined {
  const { event, createdAt, room, participant } = webhookSchema.parse(webhook);
  const change = MEANINGS.get(event);
  if (!change || !participant || !room || !callIdSchema.safeParse(room.name.slice(0, 36)).success)
    return undefined;
  const { identity, joinedAtMs, disconnectReason } = participant;
  // Another session of the same participant has begun: it may have the same second.
  const replaced = joinedAtMs > 0 && disconnectReason === "DUPLICATE_IDENTITY";
  const atMs = replaced ? joinedAtMs : Math.max(joinedAtMs, createdAt * 1000);
  return { change, room: room.name, identity, atMs };
}

/** As the bus carries it. An identity that is not a participant's id belongs to no call here. */
export const participantEvents: ParticipantEvents = z.pipe(
  z.object({ source: z.literal(WEBHOOK_SOURCE), detail: detailSchema }),
  z.transform(({ detail: { change, identity, atMs } }): ParticipantSaid => {
    const who = participantOf(identity);
    return who ? { kind: change === "joined" ? "published" : "stopped", ...who, atMs } : { kind: "foreign" };
  }),
);
