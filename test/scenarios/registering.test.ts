/** `register` and `unregister` that die, conflict, or get DynamoDB's answer too late: it stays certain which phone rings. */
import { describe, expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { AwsError } from "../../packages/local-aws/src/local-aws.ts";
import type { Fault } from "../../packages/local-aws/src/faults.ts";
import { type Reply, startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { crashAfter, crashBefore, refused, slow } from "./faults.ts";
import { openScene, type Scene } from "./scene.ts";

let world: World;
openForAll(startWorld, (opened) => void (world = opened));

const CONFLICT = new AwsError(
  "TransactionCanceledException",
  "Transaction cancelled [TransactionConflict]",
  400,
  {
    CancellationReasons: [{ Code: "TransactionConflict" }],
  },
);

const meets = (scene: Scene, service: string, operation: string, fault: Fault): void =>
  scene.interfere({ service, operation, from: "ringmaster-rest-entrypoint", fault });

/** Sends while virtual time passes. The gateway answers a request whose function has died. */
async function waitingFor(sending: Promise<Reply>): Promise<Reply> {
  const [reply] = await Promise.all([sending, world.clock.advance(30_000)]);
  return reply;
}

const POINTS = [
  ["before its write", "dynamodb", "TransactWriteItems", crashBefore],
  ["after its write", "dynamodb", "TransactWriteItems", crashAfter],
  ["before it publishes", "events", "PutEvents", crashBefore],
  ["after it has published", "events", "PutEvents", crashAfter],
] as const;

describe("a registration", () => {
  test.each(POINTS)(
    "that dies %s is completed by its repeat, and the phone rings once",
    async (_when, ...fault) => {
      const scene = await openScene(world);
      const register = () =>
        scene.bob.send({ action: "register", notifyType: "GCM", deviceToken: `${scene.bob.deviceToken}-2` });
      meets(scene, ...fault);
      expect((await waitingFor(register())).status).toBeGreaterThanOrEqual(500);
      const repeated = await register();
      const again = await register();
      expect(again.body).toMatchObject({ id: repeated.body["id"], created: false });
      const call = await scene.alice.send({
        action: "initiateCall",
        callerId: scene.alice.clientId,
        calleeId: repeated.body["id"],
      });
      await world.clock.advance(1_000);
      expect(world.runtime.pinpoint.inbox.read(`${scene.bob.deviceToken}-2`)).toHaveLength(1);
      await scene.aliceEnds(String(call.body["callId"]));
      await expectAftermath(scene, { callId: String(call.body["callId"]), endReason: "cancelled" });
    },
  );

  test("that conflicts with another transaction is tried again", async () => {
    const scene = await openScene(world);
    meets(scene, "dynamodb", "TransactWriteItems", refused(CONFLICT));
    const reply = await waitingFor(
      scene.bob.send({ action: "register", notifyType: "GCM", deviceToken: scene.bob.deviceToken }),
    );
    expect(reply).toMatchObject({ status: 200, body: { id: scene.bob.clientId, created: false } });
    expect(scene.unmet()).toEqual([]);
    scene.calm();
  });
});

describe("a phone that signs out", () => {
  test.each(POINTS.slice(0, 2))(
    "does not ring any more, even if the function dies %s",
    async (_when, ...fault) => {
      const scene = await openScene(world);
      const unregister = () =>
        scene.bob.send({
          action: "unregister",
          clientId: scene.bob.clientId,
          deviceToken: scene.bob.deviceToken,
        });
      meets(scene, ...fault);
      expect((await waitingFor(unregister())).status).toBeGreaterThanOrEqual(500);
      expect((await unregister()).status).toBe(200);
      const callId = await scene.begins();
      await world.clock.advance(1_000);
      expect(scene.bob.pushes()).toEqual([]);
      await expectAftermath(scene, { callId, endReason: "unreachable" });
    },
  );
});

test("an answer of AWS that arrives after the function has given up does no harm", async () => {
  const scene = await openScene(world);
  meets(scene, "events", "PutEvents", slow(world.clock, 5_000));
  const reply = await waitingFor(scene.call());
  expect(reply.status).toBe(200);
  const callId = String(reply.body["callId"]);
  expect((await scene.answers(callId)).status).toBe(200);
  await scene.bobEnds(callId);
  await expectAftermath(scene, { callId, endReason: "completed" });
});
