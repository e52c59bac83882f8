/**
 * A media provider without a pool, in memory. Joining creates a room, which has the call's id, and no room is leased or given
 * back. Its identifiers differ from IVS's, so that code that assumes IVS fails with it.
 */
import * as z from "zod/mini";
import { participantOf } from "../../calls/ids.ts";
import type { Participant } from "../../calls/participant.ts";
import type { Room } from "../../calls/room.ts";
import { Secret } from "../../calls/secret.ts";
import type { ParticipantSaid, RoomClaim, RoomOffer } from "../../handlers/media/port.ts";
import type { OpenProvider } from "./media-world.ts";

const tokenSchema = z.object({
  identity: z.string(),
  user: z.string(),
  room: z.string(),
  untilMs: z.number(),
});
type Token = z.infer<typeof tokenSchema>;

const eventSchema = z.pipe(
  z.object({
    event: z.enum(["track_published", "participant_left"]),
    identity: z.string(),
    createdAtMs: z.number(),
  }),
  z.transform(({ event, identity, createdAtMs: atMs }): ParticipantSaid => {
    const who = participantOf(identity);
    if (!who) return { kind: "foreign" };
    return { kind: event === "track_published" ? "published" : "stopped", ...who, atMs };
  }),
);

/** The claims of the first room that a test makes it offer, the second, and so on. */
export type Claims = (n: number) => readonly RoomClaim[];

export const openPoolless =
  (claims: Claims = () => []): OpenProvider =>
  async ({ edge }) => {
    const rooms = new Map<string, Map<string, Token>>();
    const [revoked, ended] = [new Set<string>(), new Set<string>()];
    const said: z.input<typeof eventSchema>[] = [];
    let made = 0;
    const roomNamed = (stageId: string): Room => ({ stageId, server: "wss://media.example" });
    const inside = ({ stageId }: Room) => rooms.get(stageId) ?? new Map<string, Token>();
    const roomOf = (id: string) => [...rooms.values()].find((people) => people.has(id));
    const say = (event: "track_published" | "participant_left", identity: string) =>
      void said.push({ event, identity, createdAtMs: edge.now() });
    const offer: RoomOffer = {
      async next() {
        const n = (made += 1);
        return { kind: "room", roomOf: roomNamed, claim: () => claims(n) };
      },
      giveBack: () => undefined,
      announcements: () => [],
    };
    return {
      offers: { offer: async () => offer },
      closing: { held: async () => undefined },
      tokens: {
        ready: async () => undefined,
        sign: async (participant) => ({ token: tokenFor(participant) }),
      },
      checks: {
        paceMs: 0,
        connected: async (room) =>
          [...inside(room).values()].map(({ identity, user }) => ({ participantId: identity, userId: user })),
      },
      removals: {
        paceMs: 0,
        returnableMs: 0,
        async disconnect(room, id) {
          if (!inside(room).delete(id)) return "not joined";
          revoked.add(id);
          return "disconnected";
        },
        takeAnother: async (callId) => ({
          room: roomNamed(`${callId}-again`),
          giveBack: async () => undefined,
        }),
        async end({ stageId }) {
          rooms.delete(stageId);
          ended.add(stageId);
          return "ended";
        },
      },
      events: eventSchema,
      keptForRemoval: ({ stageId }) => ({ stageId }),
      async join(text) {
        const token = tokenSchema.parse(JSON.parse(text));
        const { identity, room, untilMs } = token;
        const opensNothing = edge.now() >= untilMs || revoked.has(identity) || ended.has(room);
        if (opensNothing) throw new Error("the token opens nothing");
        rooms.set(room, new Map([...(rooms.get(room) ?? []), [identity, token]]));
        return identity;
      },
      publish: async (id) => say("track_published", id),
      async leave(id) {
        roomOf(id)?.delete(id);
        say("participant_left", id);
      },
      said,
      foreign: { event: "track_published", identity: "somebody", createdAtMs: edge.now() },
    };
  };

function tokenFor({ id, clientId, room, expiresAtMs }: Participant): Secret {
  const token: Token = { identity: id, user: clientId, room: room.stageId, untilMs: expiresAtMs };
  return new Secret(JSON.stringify(token));
}
