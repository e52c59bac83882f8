/** Events on the bus, sent through PutEvents. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { CallInitiated } from "../../events/call-progress.ts";
import { snapshot } from "../../calls/snapshot.ts";
import { eventBus, PublishFailed } from "../../handlers/edge/event-bus.ts";
import { createEvents } from "../../packages/local-aws/src/events/events.ts";
import { ALICE, BOB, callFrom, callId } from "./builders.ts";
import { type TestAws, serveTestAws, REGION } from "../../packages/local-aws/test/served-aws.ts";

let aws: TestAws;
let arrived: { bus: string; source: string; detailType: string; detail: unknown }[];

openForEach(serveTestAws, async (opened) => {
  aws = opened;
  const events = createEvents(aws.localAws);
  aws.localAws.register(events.service);
  await events.resources["AWS::Events::EventBus"]?.create({
    logicalId: "Bus",
    properties: { Name: "ringmaster" },
    physicalName: () => "ringmaster",
    assetPath: () => "",
  });
  arrived = [];
  aws.localAws.observe((event) => {
    if (event.kind !== "event") return;
    const { bus, source, detailType, detail } = event;
    arrived.push({ bus, source, detailType, detail });
  });
});

const bus = () => eventBus({ AWS_REGION: REGION, BUS_NAME: "ringmaster" });
const started = (n: number) => ({
  name: CallInitiated.name,
  detail: snapshot(callFrom(ALICE, BOB, { n })) as Readonly<Record<string, unknown>>,
});

test("an event arrives on the bus with its name and the detail of its schema", async () => {
  await bus().publish([started(1)]);
  expect(arrived).toEqual([
    { bus: "ringmaster", source: "ringmaster", detailType: "CallInitiated", detail: started(1).detail },
  ]);
  expect(CallInitiated.schema.parse(arrived[0]?.detail)).toMatchObject({ callId: callId(1) });
});

test("the first event of several requests is in the last one, so that a woken workflow finds all published (W7)", async () => {
  const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
  await bus().publish(numbers(1, 23).map(started));
  const order = [...numbers(21, 23), ...numbers(11, 20), ...numbers(1, 10)];
  expect(arrived.map(({ detail }) => detail)).toEqual(order.map((n) => started(n).detail));
  expect(aws.asked).toEqual(["PutEvents", "PutEvents", "PutEvents"]);
});

test("no events need no request", async () => {
  await bus().publish([]);
  expect(aws.asked).toEqual([]);
});

test("an event that the bus refuses inside a 200 is a failure with the reason", async () => {
  const published = bus().publish([started(1), { name: "", detail: {} }]);
  await expect(published).rejects.toThrow(PublishFailed);
  await expect(published).rejects.toThrow("1 of 2 events were refused: InvalidArgument");
});
