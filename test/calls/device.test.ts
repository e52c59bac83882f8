import { describe, expect, test } from "vitest";
import { type Device, withoutToken, withToken } from "../../calls/device.ts";
import { Secret } from "../../calls/secret.ts";
import { at, device } from "../builders.ts";

const shown = (devices: readonly Device[]) =>
  Object.fromEntries(
    devices.map(({ deviceId, tokens }) => [
      deviceId,
      Object.fromEntries(Object.entries(tokens).map(([type, token]) => [type, token.reveal()])),
    ]),
  );
const many = (count: number): Device[] =>
  Array.from({ length: count }, (_, index) =>
    device(`phone-${index}`, { GCM: `token-${index}` }, { lastSeenAtMs: at(index) }),
  );

describe("a registered token", () => {
  test("adds a new device to the others", () => {
    expect(shown(withToken([device("phone")], device("tablet", { APNS: "t" })))).toEqual({
      phone: { GCM: "token-of-phone" },
      tablet: { APNS: "t" },
    });
  });

  test("adds to a device that has a token of another kind", () => {
    const before = [device("phone", { APNS: "alert" })];
    expect(shown(withToken(before, device("phone", { APNS_VOIP: "voip" })))).toEqual({
      phone: { APNS: "alert", APNS_VOIP: "voip" },
    });
  });

  test("replaces the device's token of the same kind on another channel", () => {
    const before = [device("iphone", { APNS_SANDBOX: "old", APNS_VOIP_SANDBOX: "voip" })];
    expect(shown(withToken(before, device("iphone", { APNS: "new" })))).toEqual({
      iphone: { APNS: "new", APNS_VOIP_SANDBOX: "voip" },
    });
  });

  test("replaces the device's older token of the same channel", () => {
    expect(shown(withToken([device("phone", { GCM: "old" })], device("phone", { GCM: "new" })))).toEqual({
      phone: { GCM: "new" },
    });
  });

  test("moves from the device that held it, and a device without a token is removed", () => {
    const before = [device("phone", { GCM: "t" }), device("tablet", { GCM: "t2", APNS: "other" })];
    expect(shown(withToken(before, device("new-phone", { GCM: "t" })))).toEqual({
      "new-phone": { GCM: "t" },
      tablet: { GCM: "t2", APNS: "other" },
    });
  });

  test("of an eleventh device removes the least recently used device", () => {
    const after = withToken(many(10), device("newest", { GCM: "t" }, { lastSeenAtMs: at(100) }));
    expect(after).toHaveLength(10);
    expect(Object.keys(shown(after))).toEqual(expect.arrayContaining(["newest", "phone-1", "phone-9"]));
    expect(Object.keys(shown(after))).not.toContain("phone-0");
  });

  test("of one of ten devices keeps all ten", () => {
    expect(withToken(many(10), device("phone-0", { APNS_VOIP: "voip" }))).toHaveLength(10);
  });

  test("has to exist", () => {
    expect(() => withToken([], device("phone", {}))).toThrow("device phone registers without a token");
  });
});

test("a token is removed only from the device that holds it", () => {
  const before = [device("phone", { APNS: "alert", APNS_VOIP: "voip" }), device("tablet", { GCM: "fcm" })];
  expect(shown(withoutToken(before, new Secret("voip")))).toEqual({
    phone: { APNS: "alert" },
    tablet: { GCM: "fcm" },
  });
  expect(shown(withoutToken(before, new Secret("fcm")))).not.toHaveProperty("tablet");
});

test("a device that a change of tokens does not touch stays the same object, so that it is not written again", () => {
  const [phone, tablet] = [device("phone"), device("tablet")];
  expect(withoutToken([phone, tablet], new Secret("token-of-phone"))[0]).toBe(tablet);
  expect(withToken([phone], device("new-phone"))[1]).toBe(phone);
});
