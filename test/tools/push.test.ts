/** The push kit sends the requests that it shows, and what it plays arrives. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PUSH_TYPES } from "../../calls/call.ts";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { pointSdkAt } from "../../packages/local-aws/test/served-aws.ts";
import { play, type Playing, readOptions } from "../../tools/push.ts";
import { pushProvider } from "../../tools/push/push-provider.ts";
import { pushOrigins } from "../../local/direct-push.ts";
import { openDirectWorld } from "../adapters/push-world.ts";
import { startWorld, type World } from "../world.ts";

const NOW_MS = Date.UTC(2026, 0, 1, 9);
const random = (bytes: number) => new Uint8Array(bytes).fill(7);

interface Shown {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Record<string, Record<string, unknown>>;
}

/** Prints a push without sending it. */
async function shown(...args: string[]): Promise<unknown> {
  const printed: string[] = [];
  const provider = () => Promise.reject(new Error("nothing is sent"));
  const at: Playing = {
    now: () => NOW_MS,
    random,
    print: (text) => void printed.push(text),
    write: () => undefined,
    provider,
  };
  expect(await play(readOptions(args), at)).toBe(true);
  return JSON.parse(printed.join("\n"));
}
const request = async (...args: string[]): Promise<Shown> => (await shown("--to", "token", ...args)) as Shown;
const dataOf = ({ body }: Shown): unknown => body["message"]?.["data"];

describe("a shown push", () => {
  test("is FCM's request, without the access token", async () => {
    expect(await request("--media", "video", "--caller-name", "Alice")).toMatchObject({
      method: "POST",
      url: "https://fcm.googleapis.com/v1/projects/your-project/messages:send",
      headers: { authorization: "Bearer <access token>" },
      body: {
        message: {
          token: "token",
          android: { priority: "HIGH", ttl: "45s" },
          data: {
            v: "1",
            type: "incoming_call",
            caller_name: "Alice",
            media: "video",
            ring_seconds_left: "45",
          },
        },
      },
    });
  });

  test("is APNs' request: a call by VoIP, and other types as alert or in the background", async () => {
    const headersOf = async (...args: string[]) => (await request(...args)).headers;
    expect(await request("--notify-type", "APNS_VOIP_SANDBOX", "--bundle", "org.calls")).toMatchObject({
      url: "https://api.sandbox.push.apple.com/3/device/token",
      headers: { "apns-topic": "org.calls.voip", "apns-push-type": "voip", "apns-priority": "10" },
    });
    const missed = ["--notify-type", "APNS", "--type", "missed_call"];
    expect(await headersOf(...missed)).toMatchObject({
      "apns-topic": "com.example.app",
      "apns-push-type": "alert",
    });
    const cancelled = ["--notify-type", "APNS", "--type", "call_cancelled"];
    expect(await headersOf(...cancelled)).toMatchObject({
      "apns-push-type": "background",
      "apns-priority": "5",
    });
  });

  test.each(PUSH_TYPES)("can have any type: %s", async (type) => {
    expect(dataOf(await request("--type", type))).toMatchObject({ type });
  });

  test("has the end reason of its type, or the given one", async () => {
    expect(dataOf(await request("--type", "call_cancelled"))).toMatchObject({ reason: "cancelled" });
    expect(dataOf(await request("--type", "missed_call", "--reason", "busy"))).toMatchObject({
      reason: "busy",
    });
  });

  test("can be from earlier, so that its ring is nearly or wholly over", async () => {
    const sentAt = (seconds: number) => ({ sent_at_ms: String(NOW_MS - seconds * 1_000) });
    expect(dataOf(await request("--late", "20"))).toMatchObject({
      ...sentAt(20),
      ring_expires_at_ms: String(NOW_MS + 25_000),
    });
    expect(dataOf(await request("--expired"))).toMatchObject({
      ...sentAt(50),
      ring_expires_at_ms: String(NOW_MS - 5_000),
    });
  });

  test("is shown twice with --twice, without a difference", async () => {
    const [one, other] = (await shown("--to", "token", "--twice")) as Shown[];
    expect(other).toEqual(one);
  });
});

test("a push that could cost an app its VoIP token, or that no network delivers, is refused", async () => {
  await expect(request("--type", "missed_call", "--notify-type", "APNS_VOIP")).rejects.toThrow(
    /only incoming_call/,
  );
  await expect(request("--notify-type", "WEB")).rejects.toThrow(/onCallUpdated/);
  expect(() => readOptions(["--type", "incoming_call"])).toThrow(/--to/);
  expect(() => readOptions(["--to", "token", "--type", "ring"])).toThrow(/--type/);
});

test("with named secrets a push goes straight to FCM and APNs", async () => {
  const direct = await openDirectWorld();
  try {
    const printed: string[] = [];
    const now = () => direct.aws.clock.now();
    const named = { fcmSecret: "fcm", apnsSecret: "apns", origins: pushOrigins(direct.servers) };
    const plays = (...args: string[]) =>
      play(readOptions([...args, "--to", "bobs-token", "--send"]), {
        now,
        random,
        print: (text) => void printed.push(text),
        write: () => undefined,
        provider: () => pushProvider({ stackName: "none", ...named, now, random }),
      });
    expect([await plays(), await plays("--notify-type", "APNS", "--type", "missed_call")]).toEqual([
      true,
      true,
    ]);
    expect(direct.arrived()).toMatchObject({ channel: "APNS", data: { type: "missed_call" } });
    expect(printed.filter((line) => line.includes("accepted"))).toEqual([
      "incoming_call → GCM: accepted",
      "missed_call → APNS: accepted",
    ]);
  } finally {
    await direct[Symbol.asyncDispose]();
  }
});

describe("a sent push", () => {
  let world: World;
  let servers: Servers;
  beforeEach(async () => {
    world = await startWorld({ warmFunctions: false });
    servers = await listen(world.runtime, { port: 0, awsPort: 0 });
    pointSdkAt("AWS_ENDPOINT_URL", `http://127.0.0.1:${servers.awsPort}`);
  });
  afterEach(async () => {
    await servers.close();
    await world[Symbol.asyncDispose]();
  });

  const sends = async (...args: string[]): Promise<{ accepted: boolean; printed: string[] }> => {
    const endpoint = `http://127.0.0.1:${servers.awsPort}`;
    const printed: string[] = [];
    const accepted = await play(readOptions([...args, "--send"]), {
      now: () => world.clock.now(),
      random,
      print: (text) => void printed.push(text),
      write: (_file, text) => void printed.push(text),
      provider: () =>
        pushProvider({ endpoint, stackName: "Ringmaster", now: () => world.clock.now(), random }),
    });
    return { accepted, printed };
  };

  test("arrives at the phone, as often as it is sent, with the data that is shown", async () => {
    const { accepted, printed } = await sends("--to", "bobs-phone", "--twice", "--file", "push.json");
    expect([accepted, printed.slice(1)]).toEqual([true, Array(2).fill("incoming_call → GCM: accepted")]);
    const [one, other] = JSON.parse(printed[0] ?? "") as Shown[];
    const arrived = world.runtime.pinpoint.inbox.read("bobs-phone").map(({ data }) => data);
    expect(arrived).toEqual([one, other].map((shownOne) => shownOne && dataOf(shownOne)));
  });

  test("to a stack that does not exist is refused with its name", async () => {
    const at = { stackName: "None", now: () => 0, random };
    await expect(pushProvider({ ...at, endpoint: `http://127.0.0.1:${servers.awsPort}` })).rejects.toThrow(
      "there is no stack None",
    );
  });
});
