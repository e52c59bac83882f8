import { describe, expect, test } from "vitest";
import { withToken, withoutToken } from "../../calls/device.ts";
import { registerInput, unregisterInput } from "../../api/inputs.ts";
import { addressesFor } from "../../calls/pushes.ts";
import { legOf } from "../../calls/call.ts";
import { Secret } from "../../calls/secret.ts";
import { BOB, BOBS_PHONE, BOBS_TABLET, calling, device } from "../builders.ts";

const LOWER = "abcdef0123456789".repeat(4);
const UPPER = LOWER.toUpperCase();
const registered = (notifyType: string, deviceToken: string) =>
  registerInput.parse({ notifyType, deviceToken }).deviceToken.reveal();

describe("a device token", () => {
  test.each([
    ["in upper case", UPPER],
    ["in both cases", `ABCDEF${LOWER.slice(6)}`],
    ["in the form in which iOS describes data", `<${LOWER.match(/.{8}/g)?.join(" ")}>`],
    ["in that form, in upper case and with a line break", `<${UPPER.match(/.{8}/g)?.join(" ")}>\n`],
    ["with a line break at its end", `${LOWER}\n`],
  ])("is one APNs token %s", (_how, written) => {
    expect(registered("APNS_VOIP", written)).toBe(LOWER);
    expect(registered("APNS_SANDBOX", written)).toBe(LOWER);
  });

  test("keeps its case if it is no hex token of APNs", () => {
    expect(registered("GCM", "dQw4:APA91bGx\n")).toBe("dQw4:APA91bGx");
    expect(registered("GCM", UPPER)).toBe(UPPER);
    expect(registered("APNS", "Simulator-1")).toBe("Simulator-1");
  });

  test("is refused if it is empty or has spaces inside", () => {
    for (const deviceToken of ["< >", "two words", "  "])
      expect(registerInput.safeParse({ notifyType: "APNS", deviceToken }).success).toBe(false);
  });
});

describe("a device whose APNs token was stored in upper case", () => {
  const stored = { ...device(BOBS_PHONE), tokens: { APNS_VOIP: new Secret(UPPER) } };
  const lower = new Secret(LOWER);

  test("is the device that registers the token in lower case", () => {
    const joining = { ...device(BOBS_TABLET), tokens: { APNS_VOIP: lower } };
    expect(withToken([stored], joining)).toEqual([joining]);
  });

  test("is removed with that token", () => {
    const { deviceToken } = unregisterInput.parse({ clientId: BOB, deviceToken: `${LOWER}\n` });
    expect(withoutToken([stored], deviceToken as Secret)).toEqual([]);
  });

  test("rings once if both spellings were stored", () => {
    const twice = { ...device(BOBS_TABLET), tokens: { APNS_VOIP: lower } };
    expect(addressesFor("incoming_call", legOf(calling(), 2), [stored, twice])).toHaveLength(1);
  });
});
