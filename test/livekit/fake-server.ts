/**
 * A LiveKit server in this process, for tests in virtual time: what joining, Twirp requests and webhooks of it come to, in the words of
 * livekit-server 1.9.12 (replies and webhooks recorded from it). test/adapters/media-providers.test.ts holds it to the real one.
 *
 * Left out: media, Redis, the minute of leeway that the real one gives to tokens.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { jwtVerify } from "jose";
import { AccessToken } from "livekit-server-sdk";
import type { ApiKey } from "../../handlers/media/livekit/api-keys.ts";
import type { SentWebhook } from "../../handlers/media/livekit/webhook-token.ts";

export interface FakeServerOptions {
  readonly keys: readonly ApiKey[];
  readonly now: () => number;
  /** Takes its webhooks, in order. */
  readonly webhook: (sent: SentWebhook) => Promise<void>;
}

interface Inside {
  readonly identity: string;
  readonly sid: string;
  readonly joinedAtMs: number;
}

interface Claims {
  readonly sub?: string;
  readonly video?: {
    readonly room?: string;
    readonly roomJoin?: boolean;
    readonly roomAdmin?: boolean;
    readonly roomCreate?: boolean;
    readonly roomList?: boolean;
  };
}

type Told = "participant_joined" | "track_published" | "participant_left" | "room_finished";

export type FakeServer = Awaited<ReturnType<typeof openFakeServer>>;

export async function openFakeServer({ keys, now, webhook }: FakeServerOptions) {
  const rooms = new Map<string, Map<string, Inside>>();
  const asked: string[] = [];
  let made = 0;
  /** Statuses to answer the next requests with, instead of doing them. */
  const failing: number[] = [];

  async function claimsOf(token: string): Promise<Claims> {
    const errors: unknown[] = [];
    for (const { key: issuer, secret } of keys) {
      try {
        const options = { issuer, currentDate: new Date(now()), requiredClaims: ["exp"] };
        return (await jwtVerify(token, Buffer.from(secret), options)).payload;
      } catch (error) {
        errors.push(error);
      }
    }
    throw new Error(`invalid token: ${token}, error: ${String(errors[0])}`);
  }

  async function tell(event: Told, name: string, who?: Inside, reason?: string): Promise<void> {
    const participant = who && {
      sid: who.sid,
      identity: who.identity,
      // Of a track's event the server knows no more of its participant.
      ...(event !== "track_published" && {
        state: event === "participant_left" ? "DISCONNECTED" : "ACTIVE",
        joinedAt: String(Math.floor(who.joinedAtMs / 1000)),
        joinedAtMs: String(who.joinedAtMs),
        ...(reason && { disconnectReason: reason }),
      }),
    };
    made += 1;
    const createdAt = String(Math.floor(now() / 1000));
    const room = { sid: `RM_${name.slice(0, 8)}`, name };
    const body = Buffer.from(JSON.stringify({ event, room, participant, id: `EV_${made}`, createdAt }));
    const [signer] = keys;
    if (!signer) throw new Error("the server has no key");
    const token = new AccessToken(signer.key, signer.secret, { ttl: "5m" });
    token.sha256 = createHash("sha256").update(body).digest("base64");
    await webhook({ authorization: await token.toJwt(), body });
  }

  async function remove(room: string, identity: string, reason: string): Promise<boolean> {
    const who = rooms.get(room)?.get(identity);
    if (!who) return false;
    rooms.get(room)?.delete(identity);
    await tell("participant_left", room, who, reason);
    return true;
  }

  const roomWith = (identity: string): string => {
    const found = [...rooms].find(([, people]) => people.has(identity));
    if (!found) throw new Error(`${identity} has not joined`);
    return found[0];
  };

  async function run(method: string, body: Readonly<Record<string, string>>): Promise<Reply> {
    const { room = "", identity = "" } = body;
    switch (method) {
      case "ListRooms":
        return { status: 200, body: { rooms: [...rooms.keys()].map((name) => ({ name })) } };
      case "ListParticipants":
        return { status: 200, body: { participants: [...(rooms.get(room)?.values() ?? [])].map(listed) } };
      case "RemoveParticipant":
        return (await remove(room, identity, "PARTICIPANT_REMOVED"))
          ? { status: 200, body: {} }
          : { status: 404, body: { code: "not_found", msg: "participant not found" } };
      case "DeleteRoom":
        if (!rooms.has(room)) {
          const msg = "twirp error unknown: requested room does not exist";
          return { status: 404, body: { code: "not_found", msg } };
        }
        for (const one of rooms.get(room)?.keys() ?? []) await remove(room, one, "ROOM_DELETED");
        rooms.delete(room);
        await tell("room_finished", room);
        return { status: 200, body: {} };
      default:
        return {
          status: 404,
          body: { code: "bad_route", msg: `no handler for path ${JSON.stringify(method)}` },
        };
    }
  }

  async function answer(request: IncomingMessage): Promise<Reply> {
    const method = (request.url ?? "").replace("/twirp/livekit.RoomService/", "");
    asked.push(method);
    const status = failing.shift();
    if (status !== undefined) return { status, body: { code: "resource_exhausted", msg: "slow down" } };
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
    try {
      const { video = {} } = await claimsOf((request.headers.authorization ?? "").replace("Bearer ", ""));
      const may = {
        ListRooms: video.roomList,
        DeleteRoom: video.roomCreate,
        ListParticipants: video.roomAdmin && video.room === body["room"],
        RemoveParticipant: video.roomAdmin && video.room === body["room"],
      }[method];
      if (may === false || may === undefined)
        return { status: 401, body: { code: "unauthenticated", msg: "permissions denied" } };
      return await run(method, body);
    } catch (error) {
      return { status: 401, body: error instanceof Error ? error.message : String(error) };
    }
  }

  const server = createServer(
    (request, response) => void answer(request).then((reply) => send(response, reply)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Methods of the requests, oldest first. */
    asked,
    failing,
    rooms: () => [...rooms.keys()],
    async join(token: string): Promise<string> {
      const { sub: identity, video } = await claimsOf(token);
      if (!identity || !video?.roomJoin || !video.room) throw new Error("permissions denied");
      await remove(video.room, identity, "DUPLICATE_IDENTITY");
      made += 1;
      const who: Inside = { identity, sid: `PA_${made}`, joinedAtMs: now() };
      rooms.set(video.room, new Map([...(rooms.get(video.room) ?? []), [identity, who]]));
      await tell("participant_joined", video.room, who);
      return identity;
    },
    async publish(identity: string): Promise<void> {
      const room = roomWith(identity);
      await tell("track_published", room, rooms.get(room)?.get(identity));
    },
    /** As the server gives one to each phone that has joined: for ten minutes, with the same grants. */
    async renewedToken(identity: string): Promise<string> {
      const [signer] = keys;
      const room = roomWith(identity);
      const token = new AccessToken(signer?.key, signer?.secret, { identity, ttl: "10m" });
      token.addGrant({ roomJoin: true, room });
      return token.toJwt();
    },
    async leave(identity: string): Promise<void> {
      await remove(roomWith(identity), identity, "CLIENT_INITIATED");
    },
    async close(): Promise<void> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Reply {
  readonly status: number;
  /** A string is plain text, as refusals of a token are. */
  readonly body: unknown;
}

const listed = ({ sid, identity, joinedAtMs }: Inside) => ({
  sid,
  identity,
  state: "ACTIVE",
  joined_at: String(Math.floor(joinedAtMs / 1000)),
  joined_at_ms: String(joinedAtMs),
});

function send(response: ServerResponse, { status, body }: Reply): void {
  const isText = typeof body === "string";
  response.sendDate = false;
  response.writeHead(status, { "content-type": isText ? "text/plain; charset=utf-8" : "application/json" });
  response.end(isText ? body : JSON.stringify(body));
}
