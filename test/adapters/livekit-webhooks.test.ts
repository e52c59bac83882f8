/** Webhooks of LiveKit: whose they are, and what they say. Recorded from livekit-server 1.9.12 in its development mode. */
import { createHash } from "node:crypto";
import { AccessToken, WebhookReceiver } from "livekit-server-sdk";
import { describe, expect, test } from "vitest";
import type { ApiKey, ApiKeys } from "../../handlers/media/livekit/api-keys.ts";
import { receiveWebhook } from "../../handlers/media/livekit/receive-webhook.ts";
import { PARTICIPANT_CHANGED, WEBHOOK_SOURCE } from "../../handlers/media/livekit/participant-changed.ts";
import { type ParticipantChange, participantEvents } from "../../handlers/media/livekit/webhook.ts";
import type { SentWebhook } from "../../handlers/media/livekit/webhook-token.ts";
import { DEVELOPMENT_KEY } from "../../local/livekit-server.ts";
import recorded from "../livekit/recorded-webhooks.json" with { type: "json" };

const CALL = "0197f3a0-0000-7000-8000-000000000001";
const MINUTE_MS = 60_000;
const OLD_KEY: ApiKey = { key: "old", secret: "an older secret" };

const webhooks = recorded.map(({ authorization, body }) => ({
  sent: { authorization, body: Buffer.from(body) },
  said: JSON.parse(body) as { event: string; createdAt: string },
}));
function named(event: string, nth = 0) {
  const found = webhooks.filter(({ said }) => said.event === event)[nth];
  if (!found) throw new Error(`no ${event} was recorded`);
  return { ...found, atMs: Number(found.said.createdAt) * 1000 };
}

/** What becomes of a webhook, and what reached the bus. */
async function receive(sent: SentWebhook, nowMs: number, ...keys: [ApiKey, ...ApiKey[]]) {
  const published: ParticipantChange[] = [];
  const held: ApiKeys = { current: keys[0], all: keys };
  const publish = async (change: ParticipantChange) => void published.push(change);
  const outcome = await receiveWebhook({ keys: async () => held, now: () => nowMs, publish }, sent);
  return { outcome, published };
}
const refused = (reason: string) => ({
  outcome: { kind: "refused", reason: expect.stringContaining(reason) },
  published: [],
});
const hint = (detail: ParticipantChange) =>
  participantEvents.parse({ source: WEBHOOK_SOURCE, "detail-type": PARTICIPANT_CHANGED, detail });

/** As the SDK of the server signs: it is the other side's word. */
async function signed(body: string, key: ApiKey, ttl: string | number = "5m"): Promise<SentWebhook> {
  const token = new AccessToken(key.key, key.secret, { ttl });
  token.sha256 = createHash("sha256").update(body).digest("base64");
  return { authorization: await token.toJwt(), body: Buffer.from(body) };
}
const BODY = JSON.stringify({
  event: "participant_joined",
  room: { name: CALL },
  participant: { identity: `${CALL}-1-1` },
  createdAt: "1795952486",
});

describe("a webhook of the server", () => {
  test("that says who joined is published, and is a hint that they are there since they joined", async () => {
    const { sent, atMs } = named("participant_joined", 1);
    const { outcome, published } = await receive(sent, atMs, DEVELOPMENT_KEY);
    expect(outcome).toEqual({ kind: "published" });
    expect(published.map(hint)).toEqual([
      { kind: "published", callId: CALL, leg: 1, tokenNumber: 1, atMs: 1_795_952_486_477 },
    ]);
  });

  test("that says who left is a hint that they stopped, whatever the reason", async () => {
    for (const nth of [0, 1, 2]) {
      const { sent, atMs } = named("participant_left", nth);
      const { published } = await receive(sent, atMs, DEVELOPMENT_KEY);
      expect(published.map(hint)).toMatchObject([{ kind: "stopped", callId: CALL }]);
    }
  });

  test("in any order: what is last is that the second session of a participant who joined twice in a second ended", async () => {
    const times = { published: 0, stopped: 0 };
    const ofAlice = webhooks.filter(({ said }) => JSON.stringify(said).includes(`${CALL}-1-1`)).toReversed();
    for (const { sent, said } of ofAlice) {
      const { published } = await receive(sent, Number(said.createdAt) * 1000, DEVELOPMENT_KEY);
      for (const told of published.map(hint))
        if (told.kind !== "foreign") times[told.kind] = Math.max(times[told.kind], told.atMs);
    }
    expect(times.stopped).toBeGreaterThanOrEqual(times.published);
  });

  test("of a session that another one of the same participant replaced does not make the other one a stop", async () => {
    const [replaced, next] = [named("participant_left", 0), named("participant_joined", 1)];
    const stop = (await receive(replaced.sent, replaced.atMs, DEVELOPMENT_KEY)).published[0];
    const start = (await receive(next.sent, next.atMs, DEVELOPMENT_KEY)).published[0];
    expect(replaced.said.createdAt).toBe(next.said.createdAt);
    expect(stop?.atMs).toBeLessThan(start?.atMs ?? 0);
  });

  test("about a room or a track that ends is of no call", async () => {
    for (const event of ["room_started", "track_unpublished"]) {
      const { sent, atMs } = named(event);
      expect(await receive(sent, atMs, DEVELOPMENT_KEY)).toEqual({
        outcome: { kind: "of no call" },
        published: [],
      });
    }
  });

  test("about a participant of another application is of no call", async () => {
    const body = BODY.replaceAll(CALL, "lobby");
    expect(await receive(await signed(body, DEVELOPMENT_KEY), Date.now(), DEVELOPMENT_KEY)).toEqual({
      outcome: { kind: "of no call" },
      published: [],
    });
  });

  test("is taken with either of two keys, so that the server and the secret may change one after the other", async () => {
    const sent = await signed(BODY, OLD_KEY);
    expect((await receive(sent, Date.now(), DEVELOPMENT_KEY, OLD_KEY)).outcome).toEqual({
      kind: "published",
    });
    expect(await receive(sent, Date.now(), DEVELOPMENT_KEY)).toEqual(
      refused('API key "old" is not in the secret'),
    );
  });

  test("that the server's own SDK takes is taken, and so is one whose clock is a minute off", async () => {
    const sent = await signed(BODY, DEVELOPMENT_KEY);
    const receiver = new WebhookReceiver(DEVELOPMENT_KEY.key, DEVELOPMENT_KEY.secret);
    expect((await receiver.receive(BODY, sent.authorization)).event).toBe("participant_joined");
    for (const off of [-MINUTE_MS + 2_000, 0, 5 * MINUTE_MS])
      expect((await receive(sent, Date.now() + off, DEVELOPMENT_KEY)).outcome).toEqual({ kind: "published" });
  });
});

describe("a webhook is refused, with the reason, if", () => {
  const { sent, atMs } = named("participant_joined");

  test("it is not signed", async () => {
    expect(await receive({ ...sent, authorization: undefined }, atMs, DEVELOPMENT_KEY)).toEqual(
      refused("no Authorization header"),
    );
    expect(await receive({ ...sent, authorization: "hello" }, atMs, DEVELOPMENT_KEY)).toEqual(
      refused("is no token"),
    );
  });

  test("it is signed with another secret", async () => {
    expect(await receive(sent, atMs, { ...DEVELOPMENT_KEY, secret: "another" })).toEqual(
      refused("the secret of its API key differs"),
    );
  });

  test("a byte of its body was changed", async () => {
    const body = Buffer.from(sent.body.toString().replace("joined", "JOINED"));
    expect(await receive({ ...sent, body }, atMs, DEVELOPMENT_KEY)).toEqual(
      refused("not the one that was signed"),
    );
  });

  test("it is old, or the server's clock is five minutes behind", async () => {
    expect(await receive(sent, atMs + 6 * MINUTE_MS + 1_000, DEVELOPMENT_KEY)).toEqual(refused("is old"));
  });

  test("the server's clock is five minutes ahead", async () => {
    expect(await receive(sent, atMs - 5 * MINUTE_MS, DEVELOPMENT_KEY)).toEqual(refused("clock is ahead"));
  });

  test("it is signed by no algorithm, or has no end", async () => {
    const [, claims = ""] = (sent.authorization ?? "").split(".");
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${claims}.`;
    expect((await receive({ ...sent, authorization: none }, atMs, DEVELOPMENT_KEY)).outcome.kind).toBe(
      "refused",
    );
  });
});

test("a signed webhook in words that are not known is unreadable, and says why", async () => {
  const sent = await signed(
    JSON.stringify({ event: "participant_joined", createdAt: "soon" }),
    DEVELOPMENT_KEY,
  );
  expect((await receive(sent, Date.now(), DEVELOPMENT_KEY)).outcome).toMatchObject({ kind: "unreadable" });
});
