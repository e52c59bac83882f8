/** Every metric on the dashboard is one that functions emit, because a misspelled name would be a flat line. */
import "../stack-sources.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { AwsError } from "../../packages/local-aws/src/local-aws.ts";
import { type Phone, startWorld, type World } from "../world.ts";
import type { TemplateJson } from "./synthesis.ts";
import { spell, watchedMetrics } from "./watched-metrics.ts";

/** A line in CloudWatch's embedded metric format. */
interface MetricLine {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [dimension: string]: unknown;
}

function emitted({ happened }: World): string[] {
  const lines = happened.flatMap((one) =>
    one.kind === "log" && one.line.includes('"_aws"') ? [JSON.parse(one.line) as MetricLine] : [],
  );
  return lines.flatMap((line) =>
    line._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
      Dimensions.flatMap((names) =>
        Metrics.map(({ Name }) =>
          spell(Namespace, Name, ...names.flatMap((name) => [name, String(line[name])])),
        ),
      ),
    ),
  );
}

async function callEveryWay(world: World): Promise<void> {
  const [alice, bob, olivia] = [
    await world.phone("alice"),
    await world.phone("bob"),
    await world.phone("olivia"),
  ];
  const call = async (caller: Phone, callee = bob): Promise<string> => {
    const parties = { callerId: caller.clientId, calleeId: callee.clientId };
    const { body } = await caller.send({ action: "initiateCall", ...parties });
    await world.clock.advance(5_000);
    return String(body["callId"]);
  };
  const hangUp = (phone: Phone, callId: string) =>
    phone.send({ action: "endCall", clientId: phone.clientId, callId });
  const ended = async (callId: string): Promise<void> => {
    await world.ended(callId);
    await world.clock.advance(5_000);
  };
  const { pinpoint } = world.runtime;

  const completed = await call(alice);
  await bob.send({ action: "answerCall", callId: completed });
  await call(olivia); // finds Bob busy
  await hangUp(alice, completed);
  await ended(completed);

  const dropped = await call(alice);
  await bob.send({ action: "answerCall", callId: dropped }); // and neither phone joins
  await ended(dropped);

  const declined = await call(alice);
  await alice.joins(await alice.send({ action: "rejoinCall", callId: declined })); // and stays
  await bob.send({ action: "declineCall", callId: declined });
  await ended(declined);

  pinpoint.setOutcome(bob.deviceToken, "THROTTLED");
  const cancelled = await call(alice);
  await hangUp(alice, cancelled);
  await ended(cancelled);

  pinpoint.setOutcome(bob.deviceToken, "TEMPORARY_FAILURE");
  const missed = await call(alice);
  await world.clock.advance(60_000);
  await ended(missed);

  pinpoint.setOutcome(olivia.deviceToken, "PERMANENT_FAILURE");
  await ended(await call(alice, olivia));

  const stopped = await call(alice);
  const executionArn = `${world.runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${stopped}`;
  await world.aws("states", "StopExecution", { executionArn });
  await ended(stopped);

  const removed = await call(alice);
  await olivia.send({ action: "endCall", clientId: bob.clientId, callId: removed });
  await ended(removed);

  const byOperator = await call(alice);
  await olivia.send({ action: "endCall", clientId: bob.clientId, callId: byOperator, everyone: true });
  await ended(byOperator);

  const expired = await call(alice);
  await bob.send({ action: "answerCall", callId: expired });
  await world.clock.advance(1_000);
  await passHardLimit(world, expired);
  await ended(expired);
}

/** Conflicts for longer than a request keeps trying. */
async function meetOthers(world: World): Promise<void> {
  const alice = await world.phone("alice");
  const calm = world.runtime.localAws.interfere({
    service: "dynamodb",
    operation: "UpdateItem",
    times: 1_000,
    fault: async () => {
      throw new AwsError("TransactionConflictException", "Transaction is ongoing for the item", 400);
    },
  });
  await Promise.all([
    alice.send({ action: "setDoNotDisturb", clientId: alice.clientId, untilMs: null }),
    world.clock.advance(8_000),
  ]);
  calm();
}

/** Once the signing key in memory is old. */
async function missSecrets(world: World): Promise<void> {
  await world.clock.advance(300_000);
  const calm = world.runtime.localAws.interfere({
    service: "secretsmanager",
    operation: "GetSecretValue",
    times: 10,
    fault: async () => {
      throw new AwsError("InternalServiceError", "An error occurred", 400);
    },
  });
  const [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
  await alice.send({ action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId });
  calm();
}

async function deleteClients(world: World): Promise<void> {
  const alice = await world.phone("alice");
  await alice.send({ action: "deleteClientIds", clientIds: [alice.clientId] });
  const stateMachineArn = world.runtime.outputs["CleanUpWorkflowArn"];
  const input = JSON.stringify({ stale: true });
  await world.aws("states", "StartExecution", { stateMachineArn, input });
  await world.clock.advance(5_000);
}

/** Lets the call reach its hard limit without idle hours. The sweep finds it within a minute. */
async function passHardLimit(world: World, callId: string): Promise<void> {
  await world.aws("dynamodb", "UpdateItem", {
    TableName: world.runtime.physicalId("CallsTable"),
    Key: { pk: { S: callId }, sk: { S: "call" } },
    UpdateExpression: "SET deadlineMs = :now, sweepAtMs = :now",
    ExpressionAttributeValues: { ":now": { N: String(world.clock.now()) } },
  });
  await world.clock.advance(60_000);
}

test("every metric of ours in an alarm or on the dashboard is emitted under that name by that function", async () => {
  await using world = await startWorld();
  await callEveryWay(world);
  await meetOthers(world);
  await missSecrets(world);
  await deleteClients(world);
  const file = join(inject("assembly"), "Ringmaster.template.json");
  const watched = watchedMetrics(JSON.parse(readFileSync(file, "utf8")) as TemplateJson);
  const own = watched.filter((metric) => metric.startsWith("Ringmaster/"));
  expect(own).toContain("Ringmaster/TimeToToken service=rest-entrypoint");
  const seen = new Set(emitted(world));
  expect(own.filter((metric) => !seen.has(metric))).toEqual([]);
});
