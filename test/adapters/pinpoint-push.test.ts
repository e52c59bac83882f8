/** What is particular to Pinpoint: one request per kind of phone, its own words for outcomes, and replaced tokens. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { outcomeOf, pinpointPush } from "../../handlers/push/pinpoint/pinpoint-push.ts";
import { BOBS_TOKEN, openPinpointWorld, type PushWorld } from "./push-world.ts";
import { REGION } from "../../packages/local-aws/test/served-aws.ts";

let world: PushWorld;
openForEach(openPinpointWorld, (opened) => void (world = opened));

test("one request per kind of phone reaches all phones", async () => {
  const types = ["GCM", "APNS_VOIP", "APNS", "GCM", "APNS_VOIP_SANDBOX"] as const;
  const addresses = types.map((notifyType, n) => world.address(notifyType, `token-${n}`));
  expect(await world.sender.send(world.push("incoming_call"), addresses)).toHaveLength(5);
  expect(world.aws.asked).toEqual(["SendMessages", "SendMessages", "SendMessages"]);
});

test.each([
  ["DUPLICATE", "accepted"],
  ["OPT_OUT", "gone"],
] as const)("an address with the status %s counts as %s", async (status, outcome) => {
  world.networks.setOutcome(BOBS_TOKEN, status);
  expect(await world.send("incoming_call", "GCM")).toMatchObject([{ outcome }]);
});

test.each([
  [410, "", "gone"],
  [400, "BadDeviceToken", "gone"],
  [400, "DeviceTokenNotForTopic", "gone"],
  [404, '{"errorCode":"UNREGISTERED"}', "gone"],
  [403, "SENDER_ID_MISMATCH", "gone"],
  [403, "SenderId mismatch", "gone"],
  [400, "The registration token is not a valid FCM registration token", "gone"],
  [400, "PayloadTooLarge", "failed"],
  [400, "BadCollapseId", "failed"],
  [403, "InvalidProviderToken", "failed"],
  [403, "ExpiredProviderToken", "failed"],
  [400, "Channel GCM is not enabled for the application", "failed"],
  [400, undefined, "failed"],
] as const)("a permanent failure of %i %s counts as %s", (StatusCode, StatusMessage, outcome) => {
  const result = { DeliveryStatus: "PERMANENT_FAILURE", StatusCode, StatusMessage } as const;
  expect(outcomeOf(result)).toBe(outcome);
});

test("a token with the name of a member that every object has is an ordinary token", async () => {
  const names = [...Object.getOwnPropertyNames(Object.prototype), BOBS_TOKEN];
  const addresses = names.map((token) => world.address("GCM", token));
  const results = await world.sender.send(world.push("incoming_call"), addresses);
  // The SDK cannot carry one of these names, and no network gives it to a token.
  const expected = names.map((name) => [name, name === "__proto__" ? "gone" : "accepted"]);
  expect(results.map(({ address, outcome }) => [address.token.reveal(), outcome])).toEqual(expected);
  const alone = await world.sender.send(world.push("incoming_call"), [world.address("GCM", "__proto__")]);
  expect(alone).toMatchObject([{ outcome: "gone" }]);
});

test("a newer token of the app is returned, but not the address's own token", async () => {
  world.networks.setOutcome(BOBS_TOKEN, { status: "SUCCESSFUL", updatedToken: "bobs-new-token" });
  const [updated] = await world.send("incoming_call", "GCM");
  expect(updated?.replacement?.reveal()).toBe("bobs-new-token");
  world.networks.setOutcome(BOBS_TOKEN, { status: "SUCCESSFUL", updatedToken: BOBS_TOKEN });
  const [same] = await world.send("incoming_call", "GCM");
  expect(same).not.toHaveProperty("replacement");
});

test("a request that Pinpoint refuses as a whole is an error", async () => {
  const nowhere = pinpointPush({ region: REGION, appId: "0".repeat(32) });
  await expect(nowhere.send(world.push("incoming_call"), [world.address("GCM")])).rejects.toMatchObject({
    name: "NotFoundException",
  });
});
