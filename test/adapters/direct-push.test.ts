/** FCM and APNs without Pinpoint: credentials that expire, connections that break, and the outcome of each refusal. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { PushResult } from "../../handlers/push/port.ts";
import { logger } from "../../handlers/edge/handler.ts";
import { makeFcmCredentials } from "../../packages/local-aws/src/push-networks/credentials.ts";
import { BOBS_TOKEN, type DirectWorld, openDirectWorld } from "./push-world.ts";

const MINUTE_MS = 60_000;

let world: DirectWorld;
beforeEach(async () => {
  world = await openDirectWorld();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world[Symbol.asyncDispose]();
});

const ring = (...types: Parameters<DirectWorld["send"]>[1][]) => world.send("incoming_call", ...types);
const outcomes = (results: PushResult[]) => results.map(({ outcome }) => outcome);
const ringMany = (notifyType: "GCM" | "APNS_VOIP", count: number) =>
  world.sender.send(
    world.push("incoming_call"),
    Array.from({ length: count }, (_, n) => world.address(notifyType, `token-${n}`)),
  );

describe("connections and credentials", () => {
  test("ten phones of each kind share a session, a credential and one read of its secret", async () => {
    const results = [...(await ringMany("GCM", 10)), ...(await ringMany("APNS_VOIP", 10))];
    expect(outcomes(results)).toEqual(Array(20).fill("accepted"));
    const { fcm, apns, sandbox } = world.servers;
    expect([fcm.sessions(), apns.sessions(), sandbox.sessions()]).toEqual([1, 1, 0]);
    expect([fcm.tokensIssued(), apns.tokensSeen()]).toEqual([1, 1]);
    expect(world.aws.asked).toEqual(["GetSecretValue", "GetSecretValue"]);
  });

  test("credentials that were prepared are not requested again", async () => {
    world.sender.prepare?.();
    expect(outcomes(await ring("GCM", "APNS_VOIP"))).toEqual(["accepted", "accepted"]);
    expect(world.aws.asked).toEqual(["GetSecretValue", "GetSecretValue"]);
    expect(world.servers.fcm.tokensIssued()).toBe(1);
  });

  test("FCM's access token is used until five minutes before its expiry", async () => {
    const issuedAfter = async (minutes: number) => {
      await world.aws.clock.advance(minutes * MINUTE_MS);
      await ring("GCM");
      return world.servers.fcm.tokensIssued();
    };
    expect(await issuedAfter(0)).toBe(1);
    expect(await issuedAfter(54)).toBe(1);
    expect(await issuedAfter(2)).toBe(2);
  });

  test("APNs' provider token is 40 minutes old at most", async () => {
    const seenAfter = async (minutes: number) => {
      await world.aws.clock.advance(minutes * MINUTE_MS);
      expect(outcomes(await ring("APNS_VOIP"))).toEqual(["accepted"]);
      return world.servers.apns.tokensSeen();
    };
    expect(await seenAfter(0)).toBe(1);
    expect(await seenAfter(39)).toBe(1);
    expect(await seenAfter(2)).toBe(2);
  });

  test("an access token that FCM refuses is replaced once, for any number of phones", async () => {
    await ring("GCM");
    world.servers.fcm.revokeTokens();
    expect(outcomes(await ringMany("GCM", 10))).toEqual(Array(10).fill("accepted"));
    expect(world.servers.fcm.tokensIssued()).toBe(2);
  });

  test("a provider token that APNs calls expired is signed again, once", async () => {
    const expired = { status: "UNKNOWN_FAILURE", statusMessage: "ExpiredProviderToken" } as const;
    for (let n = 0; n < 10; n += 1) world.networks.setOutcome(`token-${n}`, [expired]);
    expect(outcomes(await ringMany("APNS_VOIP", 10))).toEqual(Array(10).fill("accepted"));
    expect(world.servers.apns.tokensSeen()).toBe(2);
    world.networks.setOutcome(BOBS_TOKEN, expired);
    expect(outcomes(await ring("APNS_VOIP"))).toEqual(["failed"]);
    expect(world.servers.apns.requests()).toBe(22);
  });

  test("a new secret value takes effect within five minutes", async () => {
    expect(outcomes(await ring("APNS_VOIP"))).toEqual(["accepted"]);
    const other = { ...JSON.parse(world.secrets.apns), keyId: "OTHERKEY99" };
    await world.putSecret("apns", JSON.stringify(other));
    await world.aws.clock.advance(4 * MINUTE_MS);
    expect(outcomes(await ring("APNS_VOIP"))).toEqual(["accepted"]);
    await world.aws.clock.advance(MINUTE_MS);
    // APNs does not know this key.
    expect(outcomes(await ring("APNS_VOIP"))).toEqual(["failed"]);
  });
});

describe("a connection that fails", () => {
  test.each(["goaway", "refuse", "reset"] as const)(
    "a request that meets %s before an answer is sent again",
    async (trouble) => {
      await ring("APNS_VOIP", "GCM");
      void world.servers.apns.trouble(trouble);
      void world.servers.fcm.trouble(trouble);
      expect(outcomes(await ring("APNS_VOIP", "GCM"))).toEqual(["accepted", "accepted"]);
      const sessions = trouble === "refuse" ? 1 : 2;
      expect(world.servers.apns.sessions()).toBe(sessions);
      expect(world.servers.fcm.sessions()).toBe(sessions);
    },
  );

  test("phones above a GOAWAY's last stream ring over a new connection, and the others over the old one", async () => {
    await ring("APNS_VOIP");
    void world.servers.apns.trouble("goaway after answering");
    expect(outcomes(await ringMany("APNS_VOIP", 5))).toEqual(Array(5).fill("accepted"));
    expect(world.servers.apns.sessions()).toBe(2);
    for (let n = 0; n < 5; n += 1) expect(world.networks.inbox.read(`token-${n}`)).toHaveLength(1);
  });

  test("a request is sent again only once", async () => {
    void world.servers.apns.trouble("reset", "reset");
    await expect(ring("APNS_VOIP")).rejects.toThrow("the stream was closed");
    expect(world.servers.apns.requests()).toBe(2);
  });

  test("an instance that resumes with a dead connection opens a new one", async () => {
    await ring("APNS_VOIP");
    world.servers.apns.disconnect();
    expect(outcomes(await ring("APNS_VOIP"))).toEqual(["accepted"]);
  });

  test("an idle connection is used again if it answers a ping", async () => {
    await ring("APNS_VOIP");
    await world.aws.clock.advance(10 * MINUTE_MS);
    expect(outcomes(await ring("APNS_VOIP"))).toEqual(["accepted"]);
    expect(world.servers.apns.sessions()).toBe(1);
  });

  test("a network that does not answer within three seconds fails, and does not hold up the other", async () => {
    const silent = world.servers.fcm.trouble("silence");
    const results = ring("GCM", "APNS_VOIP");
    await silent;
    await world.aws.clock.advance(3_000);
    expect(outcomes(await results)).toEqual(["failed", "accepted"]);
    expect(outcomes(await ring("GCM"))).toEqual(["accepted"]);
    expect(world.servers.fcm.sessions()).toBe(2);
  });

  test("a network without a connection is an error if no other network is involved", async () => {
    world.servers.close();
    await expect(ring("APNS_VOIP")).rejects.toThrow("no connection to http://127.0.0.1");
  });
});

describe("the outcome of a refusal", () => {
  test.each([
    ["BadDeviceToken", "gone"],
    ["DeviceTokenNotForTopic", "gone"],
    ["Unregistered", "gone"],
    ["ExpiredToken", "gone"],
    ["TopicDisallowed", "failed"],
    ["InvalidProviderToken", "failed"],
    ["PayloadTooLarge", "failed"],
    ["TooManyRequests", "throttled"],
    ["TooManyProviderTokenUpdates", "throttled"],
    ["Shutdown", "failed"],
  ] as const)("APNs' %s means %s", async (statusMessage, outcome) => {
    world.networks.setOutcome(BOBS_TOKEN, { status: "UNKNOWN_FAILURE", statusMessage });
    expect(outcomes(await ring("APNS"))).toEqual([outcome]);
  });

  test.each([
    ["UNREGISTERED", "gone"],
    ["SENDER_ID_MISMATCH", "gone"],
    // About the token: if another field of the message is wrong, the mistake is ours.
    ["INVALID_ARGUMENT", "gone"],
    ["NOT_FOUND", "failed"],
    ["PERMISSION_DENIED", "failed"],
    ["UNAUTHENTICATED", "failed"],
    ["THIRD_PARTY_AUTH_ERROR", "failed"],
    ["QUOTA_EXCEEDED", "throttled"],
    ["UNAVAILABLE", "failed"],
    ["INTERNAL", "failed"],
  ] as const)("FCM's %s means %s", async (statusMessage, outcome) => {
    world.networks.setOutcome(BOBS_TOKEN, { status: "UNKNOWN_FAILURE", statusMessage });
    expect(outcomes(await ring("GCM"))).toEqual([outcome]);
  });

  test("a message that is too big for FCM removes no token", async () => {
    const { data, ...push } = world.push("incoming_call");
    const big = { ...push, data: { ...data, caller_name: "A".repeat(5_000) } };
    expect(outcomes(await world.sender.send(big, [world.address("GCM"), world.address("APNS")]))).toEqual([
      "failed",
      "failed",
    ]);
  });

  test("a token that was registered after APNs reported it gone fails, and is not gone", async () => {
    const nowMs = world.aws.clock.now();
    const goneSince = (goneSinceMs: number) =>
      world.networks.setOutcome(BOBS_TOKEN, { status: "PERMANENT_FAILURE", goneSinceMs });
    goneSince(nowMs - 1);
    expect(outcomes(await ring("APNS_VOIP"))).toEqual(["failed"]);
    goneSince(nowMs);
    expect(outcomes(await ring("APNS_VOIP"))).toEqual(["gone"]);
  });

  test.each(["GCM", "APNS_VOIP"] as const)("%s may ask for a pause", async (notifyType) => {
    world.networks.setOutcome(BOBS_TOKEN, { status: "THROTTLED", retryAfterSeconds: 3 });
    expect(await ring(notifyType)).toMatchObject([{ outcome: "throttled", retryAfterMs: 3_000 }]);
    world.networks.setOutcome(BOBS_TOKEN, { status: "TEMPORARY_FAILURE", retryAfterSeconds: 7 });
    expect(await ring(notifyType)).toMatchObject([{ outcome: "failed", retryAfterMs: 7_000 }]);
  });
});

test("each push to an iPhone is logged with APNs' id of it", async () => {
  const logged = vi.spyOn(logger, "info").mockImplementation(() => undefined);
  await ring("APNS_VOIP");
  const apnsId = expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/) as unknown;
  expect(logged).toHaveBeenCalledWith("push accepted", { network: "apns", apnsId });
});

describe("credentials that are missing or wrong", () => {
  test("a network without credentials is no provider, and the other network rings", async () => {
    const sender = world.newSender({ FCM_SECRET: undefined, APNS_SANDBOX: "false" });
    const addresses = (["GCM", "APNS_VOIP", "APNS_SANDBOX"] as const).map((type) => world.address(type));
    const results = await sender.send(world.push("incoming_call"), addresses);
    expect(outcomes(results)).toEqual(["no_provider", "accepted", "no_provider"]);
    expect([world.servers.fcm.requests(), world.servers.sandbox.requests()]).toEqual([0, 0]);
  });

  test.each([
    [
      "apns",
      "-----BEGIN hush",
      "secret apns does not hold what docs/push-credentials.md describes: its text",
    ],
    ["apns", '{"bundleId":"b","teamId":"t","keyId":"k","key":"hush"}', "key ("],
    [
      "apns",
      '{"bundleId":"b","teamId":"t","keyId":"k","key":"-----BEGIN hush"}',
      "must be the P-256 private key",
    ],
    ["fcm", '{"project_id":"p","private_key":"-----BEGIN hush"}', "client_email ("],
  ] as const)(
    "the error names the secret %s that holds %s, and contains none of it",
    async (name, text, message) => {
      await world.putSecret(name, text);
      const error: unknown = await ring(name === "fcm" ? "GCM" : "APNS_VOIP").catch(
        (thrown: unknown) => thrown,
      );
      expect(String(error)).toContain(message);
      expect(everythingIn(error)).not.toContain("hush");
    },
  );

  test("neither errors nor the log contain a device token, a credential or a signed token", async () => {
    const logged: unknown[] = [];
    for (const level of ["info", "warn", "error"] as const) {
      vi.spyOn(logger, level).mockImplementation((...line: unknown[]) => void logged.push(...line));
    }
    const account = {
      ...JSON.parse(world.secrets.fcm),
      private_key: makeFcmCredentials().privateKey,
    };
    await world.putSecret("fcm", JSON.stringify(account));
    logged.push(await ring("GCM").catch((error: unknown) => error));
    expect(everythingIn(logged)).toContain("Google gave no access token for FCM: invalid_grant");
    await world.putSecret("fcm", world.secrets.fcm);
    await world.aws.clock.advance(5 * MINUTE_MS);
    for (const status of ["SUCCESSFUL", "PERMANENT_FAILURE", "THROTTLED", "TEMPORARY_FAILURE"] as const) {
      world.networks.setOutcome(BOBS_TOKEN, status);
      await ring("GCM", "APNS_VOIP");
    }
    void world.servers.apns.trouble("goaway", "reset", "reset");
    void world.servers.fcm.trouble("reset", "reset");
    await ring("GCM", "APNS_VOIP").catch((error: unknown) => logged.push(error));
    await ring("APNS_VOIP").catch((error: unknown) => logged.push(error));
    const told = everythingIn(logged);
    expect(logged.length).toBeGreaterThan(10);
    for (const secret of [BOBS_TOKEN, "ya29.", "eyJ", "PRIVATE KEY"]) expect(told).not.toContain(secret);
  });
});

/** Everything that a logger could print of a value: nested errors, their causes and members. */
function everythingIn(value: unknown, depth = 0): string {
  if (depth > 6 || typeof value !== "object" || value === null) return String(value);
  const members = Object.getOwnPropertyNames(value).map((name) => Reflect.get(value, name) as unknown);
  return members.map((member) => everythingIn(member, depth + 1)).join("\n");
}
