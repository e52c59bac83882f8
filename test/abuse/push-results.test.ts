/** Whatever a push service replies, the call goes on to an end that its people understand, and the next one rings. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import type { Json, Shape } from "../../packages/local-aws/src/local-aws.ts";
import { begins } from "../scenarios/cast.ts";
import { startWorld, type World } from "../world.ts";
import { trying } from "./fuzzing.ts";
import { mutationsOf } from "./mutated.ts";

let world: World;
openForAll(
  () => startWorld({ quotas: false }),
  (opened) => void (world = opened),
);

/** A reply of SendMessages, as Pinpoint gives it for a token that another one replaces. */
const replyFor = (token: string): Json => ({
  MessageResponse: {
    ApplicationId: "app",
    RequestId: "request",
    Result: {
      [token]: {
        DeliveryStatus: "SUCCESSFUL",
        StatusCode: 200,
        StatusMessage: "{}",
        MessageId: "message",
        UpdatedToken: "next-token",
      },
    },
  },
});

let calls = 0;

test("an odd reply of Pinpoint leaves the call its end, and the phone rings again afterwards", async () => {
  const property = fc.asyncProperty(mutationsOf(replyFor("TOKEN")), async (reply) => {
    calls += 1;
    const [alice, bob] = [await world.phone(`alice-${calls}`), await world.phone(`bob-${calls}`)];
    const spoiled = JSON.parse(JSON.stringify(reply).replaceAll("TOKEN", bob.deviceToken)) as Shape;
    const calm = world.runtime.localAws.interfere({
      service: "mobiletargeting",
      operation: "SendMessages",
      times: 20,
      fault: async () => spoiled,
    });
    const callId = await begins(alice, bob);
    await world.clock.advance(50_000);
    expect(await world.ended(callId)).toBe("SUCCEEDED");
    expect(["missed", "unreachable"]).toContain((await world.item(callId))["endReason"]?.["S"]);
    calm();
    await world.phone(bob.owner, bob.deviceToken);
    const next = await begins(alice, bob);
    await world.clock.advance(2_000);
    expect(bob.pushes()).toContain("incoming_call");
    await alice.send({ action: "endCall", clientId: alice.clientId, callId: next });
    await world.clock.advance(1_000);
  });
  await fc.assert(property, trying(5));
});
