/**
 * The baseline without a pool: a call makes its stage with the participants' tokens in one `CreateStage`, and deletes it when it
 * is over. IVS allows 5 of each a second. Both are repeated as the SDK repeats what was throttled.
 */
import { AwsError, type LocalAws, PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Runtime } from "../../packages/local-aws/src/runtime.ts";
import { BASELINE } from "../round-trips/delayed-calls.ts";
import type { Ending } from "../throughput/arrivals.ts";
import type { CallMaker } from "../throughput/leased-calls.ts";
import { randomFrom } from "../random.ts";

/** The SDK's standard mode: three attempts, with random pauses of up to half a second and a second after a throttle. */
const PAUSES_MS = [500, 1_000];
/** Deletions that are refused wait in a queue of their own, and no request waits for them. */
const DELETE_EVERY_MS = 200;

export function stagePerCall(localAws: LocalAws, ringSeconds: number, seed: number): CallMaker {
  const { clock } = localAws;
  const random = randomFrom(seed);
  const over: string[] = [];
  const ivs = (operation: string, input: Shape) =>
    localAws.call({ service: "ivs", operation, input, caller: PERSON });
  const pause = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

  async function create(): Promise<string | undefined> {
    const participantTokenConfigurations = [{ userId: "caller" }, { userId: "callee" }];
    for (let attempt = 0; ; attempt += 1) {
      try {
        const { stage } = await ivs("CreateStage", { participantTokenConfigurations });
        return (stage as { arn: string }).arn;
      } catch (error) {
        const most = PAUSES_MS[attempt];
        if (!(error instanceof AwsError) || most === undefined) return undefined;
        await pause(random() * most);
      }
    }
  }

  async function deleteNext(): Promise<void> {
    const arn = over.shift();
    if (arn === undefined) return;
    try {
      await ivs("DeleteStage", { arn });
    } catch {
      over.unshift(arn);
    }
    clock.after(DELETE_EVERY_MS, () => void deleteNext());
  }

  return {
    async begin(ending) {
      const arn = await create();
      if (arn === undefined) return "refused";
      clock.after(lastsMs(ending, ringSeconds), () => {
        if (over.push(arn) === 1) void deleteNext();
      });
      return "served";
    },
  };
}

function lastsMs(ending: Ending, ringSeconds: number): number {
  switch (ending.kind) {
    case "completed":
      return ending.answerMs + ending.talkMs;
    case "declined":
    case "cancelled":
      return ending.afterMs;
    case "missed":
      return ringSeconds * 1_000;
  }
}

/** What a request for a call waits for, with `CreateStage` in place of the lease: reads, stage, transaction, event. */
export async function stagePerCallRequest(runtime: Runtime): Promise<void> {
  const aws = (service: string, operation: string, input: Shape) =>
    runtime.localAws.call({ service, operation, input, caller: BASELINE });
  const [clients, calls] = [runtime.physicalId("ClientsTable"), runtime.physicalId("CallsTable")];
  const read = (clientId: string) =>
    aws("dynamodb", "GetItem", {
      TableName: clients,
      Key: { clientId: { S: clientId } },
      ConsistentRead: true,
    });
  await Promise.all([read("caller"), read("callee")]);
  const participantTokenConfigurations = [{ userId: "caller" }, { userId: "callee" }];
  const { stage } = await aws("ivs", "CreateStage", { participantTokenConfigurations });
  const { arn } = stage as { arn: string };
  const Item = { pk: { S: arn }, sk: { S: "baseline" } };
  await aws("dynamodb", "TransactWriteItems", { TransactItems: [{ Put: { TableName: calls, Item } }] });
  const entry = {
    Source: "baseline",
    DetailType: "Baseline",
    Detail: "{}",
    EventBusName: runtime.outputs["BusName"],
  };
  await aws("events", "PutEvents", { Entries: [entry] });
  await runtime.localAws.call({ service: "ivs", operation: "DeleteStage", input: { arn }, caller: PERSON });
}
