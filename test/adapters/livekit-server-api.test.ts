/** What is signed for LiveKit and asked of its server: its SDK takes our tokens, and each refusal of the server is an error that says why. */
import { TokenVerifier } from "livekit-server-sdk";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { participantOfLeg } from "../../calls/participant.ts";
import type { ApiKey } from "../../handlers/media/livekit/api-keys.ts";
import { participantTokenClaims } from "../../handlers/media/livekit/participant-token.ts";
import { roomChecks } from "../../handlers/media/livekit/room-checks.ts";
import { roomRemovals } from "../../handlers/media/livekit/room-removals.ts";
import { roomService } from "../../handlers/media/livekit/room-service.ts";
import { signedToken } from "../../handlers/media/livekit/signed-token.ts";
import { DEVELOPMENT_KEY } from "../../local/livekit-server.ts";
import { answered, CALL, CALLER } from "../builders.ts";
import { type FakeServer, openFakeServer } from "../livekit/fake-server.ts";

const SERVER_URL = "wss://media.example.com";
const MINUTE_MS = 60_000;
const ROOM = { stageId: CALL };

describe("a participant token", () => {
  const participant = participantOfLeg({ ...answered(), stage: ROOM }, CALLER);
  const nowMs = Date.now();
  const signedWith = (key: ApiKey) =>
    signedToken(key, participantTokenClaims(participant, SERVER_URL), {
      nowMs,
      expiresAtMs: nowMs + MINUTE_MS,
    });

  test("is one that LiveKit's own SDK takes, and lets its leg into its call's room and no other", async () => {
    const verifier = new TokenVerifier(DEVELOPMENT_KEY.key, DEVELOPMENT_KEY.secret);
    const { video, attributes, roomConfig, ...others } = await verifier.verify(signedWith(DEVELOPMENT_KEY));
    expect(video).toEqual({
      room: CALL,
      roomJoin: true,
      canPublish: true,
      canSubscribe: true,
      canPublishData: false,
      canUpdateOwnMetadata: false,
    });
    const { callId, clientId, media } = participant;
    expect(attributes).toEqual({ callId, clientId, media, leg: "1" });
    expect(roomConfig).toEqual({ maxParticipants: 24, departureTimeout: 5 });
    expect(others).toMatchObject({ sub: participant.id, iss: "devkey", server_url: SERVER_URL });
  });

  test("signed with another secret is one that it refuses", async () => {
    const verifier = new TokenVerifier(DEVELOPMENT_KEY.key, DEVELOPMENT_KEY.secret);
    await expect(verifier.verify(signedWith({ ...DEVELOPMENT_KEY, secret: "another" }))).rejects.toThrow(
      "signature verification failed",
    );
  });

  test("is the same for the same moment, and opens a server whose clock is five minutes behind", async () => {
    expect(signedWith(DEVELOPMENT_KEY)).toBe(signedWith(DEVELOPMENT_KEY));
    const { nbf = 0 } = JSON.parse(
      Buffer.from(signedWith(DEVELOPMENT_KEY).split(".")[1] ?? "", "base64url").toString(),
    ) as { nbf?: number };
    expect(nbf * 1000).toBeLessThanOrEqual(nowMs - 5 * MINUTE_MS);
  });
});

describe("a request", () => {
  let server: FakeServer;
  let serverAheadMs = 0;
  beforeEach(async () => {
    serverAheadMs = 0;
    server = await openFakeServer({
      keys: [DEVELOPMENT_KEY],
      now: () => Date.now() + serverAheadMs,
      webhook: async () => undefined,
    });
  });
  afterEach(() => server.close());

  const checksWith = (key: ApiKey, url = server.url) =>
    roomChecks(roomService({ url, keys: async () => ({ current: key, all: [key] }), now: () => Date.now() }));

  test("about a room that is unknown finds nobody", async () => {
    expect(await checksWith(DEVELOPMENT_KEY).connected(ROOM)).toEqual([]);
  });

  test("works though the server's clock is five minutes off, either way", async () => {
    for (const minutes of [-5, 5]) {
      serverAheadMs = minutes * MINUTE_MS;
      expect(await checksWith(DEVELOPMENT_KEY).connected(ROOM)).toEqual([]);
    }
  });

  test("with a wrong key is an error that says so, and quotes no token", async () => {
    const failing = checksWith({ ...DEVELOPMENT_KEY, secret: "another" }).connected(ROOM);
    await expect(failing).rejects.toThrow(
      /LiveKit refused ListParticipants: 401 invalid token: …, error: .*signature/,
    );
    await expect(failing).rejects.not.toThrow(/eyJ/);
  });

  test("to a server that cannot be reached is an error that names it", async () => {
    await expect(checksWith(DEVELOPMENT_KEY, "ws://127.0.0.1:1").connected(ROOM)).rejects.toThrow(
      "LiveKit at http://127.0.0.1:1 did not answer ListParticipants",
    );
  });

  test("that the server is too busy for is throttled, and no request is repeated", async () => {
    server.failing.push(429, 429);
    const service = roomService({
      url: server.url,
      keys: async () => ({ current: DEVELOPMENT_KEY, all: [DEVELOPMENT_KEY] }),
      now: () => Date.now(),
    });
    const removals = roomRemovals(service, { now: () => Date.now(), random: (n) => new Uint8Array(n) });
    expect(await removals.disconnect(ROOM, `${CALL}-1-1`)).toBe("throttled");
    expect(await removals.end(ROOM, CALL)).toBe("throttled");
    expect(server.asked).toEqual(["RemoveParticipant", "DeleteRoom"]);
  });

  test("to end a room that is gone is done", async () => {
    const service = roomService({
      url: server.url,
      keys: async () => ({ current: DEVELOPMENT_KEY, all: [DEVELOPMENT_KEY] }),
      now: () => Date.now(),
    });
    const removals = roomRemovals(service, { now: () => Date.now(), random: (n) => new Uint8Array(n) });
    expect(await removals.end(ROOM, CALL)).toBe("ended");
  });
});
