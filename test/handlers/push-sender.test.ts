/** Which addresses a push provider gets, and what happens to the others. */
import { afterEach, expect, test, vi } from "vitest";
import type { NotifyType } from "../../calls/device.ts";
import type { Push, PushAddress } from "../../calls/pushes.ts";
import { Secret } from "../../calls/secret.ts";
import { logger } from "../../handlers/edge/handler.ts";
import type { PushSender } from "../../handlers/push/port.ts";
import { besidePages } from "../../handlers/push/push-sender.ts";

const PUSH = { type: "incoming_call", data: {}, ttlSeconds: 45 } as Push; // the fake provider reads nothing of it

const address = (notifyType: string): PushAddress => ({
  deviceId: `phone-on-${notifyType}`,
  notifyType: notifyType as NotifyType, // a newer release may know more of them
  token: new Secret(`token-on-${notifyType}`),
  seenAtMs: 0,
});

const asked: PushAddress[] = [];
const provider: PushSender = {
  async send(_push, addresses) {
    asked.push(...addresses);
    return addresses.map((one) => ({ address: one, outcome: "accepted" }));
  },
};
const send = (...addresses: PushAddress[]) => besidePages(provider).send(PUSH, addresses);

afterEach(() => {
  asked.length = 0;
  vi.restoreAllMocks();
});

test("a page needs no push: it follows the call by itself", async () => {
  const [phone, page] = [address("GCM"), address("WEB")];
  expect(await send(phone, page)).toEqual([
    { address: phone, outcome: "accepted" },
    { address: page, outcome: "accepted" },
  ]);
  expect(asked).toEqual([phone]);
});

test("an address on an unknown channel fails, is logged, and goes to no network", async () => {
  const error = vi.spyOn(logger, "error").mockImplementation(() => undefined);
  const [phone, stranger] = [address("APNS"), address("HUAWEI")];
  expect(await send(phone, stranger)).toEqual([
    { address: phone, outcome: "accepted" },
    { address: stranger, outcome: "failed", reason: "no push network is known for the channel" },
  ]);
  expect(asked).toEqual([phone]);
  expect(error).toHaveBeenCalledWith(expect.stringContaining("channel"), { channel: "HUAWEI" });
  expect(JSON.stringify(error.mock.calls)).not.toContain("token-on");
});
