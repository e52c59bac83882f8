/** Ended means off the stage, in a stack without a signing key: IVS chooses the participants' ids, and its events contain them. */
import { expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import { AwsError } from "../../packages/local-aws/src/local-aws.ts";
import { startWorld, type World } from "../world.ts";
import { expectAftermath } from "./after.ts";
import { ends, joinsStage } from "./cast.ts";
import { refused } from "./faults.ts";
import { OFF_WITHIN_MS, onOf, phoneOf, staying } from "./staying.ts";

let world: World;
let it: ReturnType<typeof staying>;
openForAll(startWorld, (opened) => {
  world = opened;
  it = staying(world);
  world.runtime.localAws.interfere({
    service: "secretsmanager",
    operation: "GetSecretValue",
    times: Number.POSITIVE_INFINITY,
    fault: refused(new AwsError("ResourceNotFoundException", "no key")),
  });
});

test("the ended leg of a call that goes on is removed by these ids, and a client that rejoins stays", async () => {
  const company = await it.talking(3);
  const { cast, callId, on } = company;
  expect(on[1]?.participantId).not.toContain(callId);
  await ends(phoneOf(company, 1), callId);
  const back = await joinsStage(phoneOf(company, 1), callId);
  await world.clock.advance(OFF_WITHIN_MS);
  expect([it.hears(onOf(company, 1)), it.hears(back).length]).toEqual([[], 2]);
  await ends(phoneOf(company, 1), callId);
  await world.clock.advance(OFF_WITHIN_MS);
  expect([it.hears(back), it.hears(onOf(company, 0)).length]).toEqual([[], 1]);
  await ends(phoneOf(company, 0), callId);
  await world.clock.advance(OFF_WITHIN_MS);
  expect(on.flatMap(it.hears)).toEqual([]);
  await expectAftermath(cast, { callId, endReason: "completed" });
});
