/** Stages from earlier, written directly into the local IVS and the table, because creating them would take IVS 0.2 s each. */
import { convertToAttr } from "@aws-sdk/util-dynamodb";
import { newStage, placeOf, type PooledStage } from "../../handlers/media/ivs/pool/stage-pool.ts";
import { PERSON } from "../../packages/local-aws/src/local-aws.ts";
import type { Runtime } from "../../packages/local-aws/src/runtime.ts";

const BATCH = 25;

/** The tag by which the keeper recognizes its stack's stages. */
const OWNER_TAG = "ringmaster:stack";

export async function plantStages(runtime: Runtime, amount: number): Promise<void> {
  const { ivs, localAws, stackName } = runtime;
  const TableName = runtime.physicalId("StagesTable");
  for (let from = 0; from < amount; from += BATCH) {
    const requests = Array.from({ length: Math.min(BATCH, amount - from) }, () => {
      const { arn, endpoints } = ivs.plant({ [OWNER_TAG]: stackName });
      const stageId = arn.slice(arn.lastIndexOf("/") + 1);
      const stage = { arn, stageId, endpoints: { events: endpoints.events, whip: endpoints.whip } };
      return { PutRequest: { Item: itemOf(newStage(stage, localAws.clock.now())) } };
    });
    const input = { RequestItems: { [TableName]: requests } };
    await localAws.call({ service: "dynamodb", operation: "BatchWriteItem", input, caller: PERSON });
  }
}

/** With its places in the indexes. */
function itemOf(stage: PooledStage) {
  const entries = Object.entries({ ...stage, ...placeOf(stage) }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    // The values of a stage are texts, numbers and maps of texts.
    entries.map(([name, value]) => [name, convertToAttr(value as Parameters<typeof convertToAttr>[0])]),
  );
}

/** The number of free stages. */
export async function countFree(runtime: Runtime): Promise<number> {
  const TableName = runtime.physicalId("StagesTable");
  let [free, ExclusiveStartKey]: [number, unknown] = [0, undefined];
  do {
    const input = {
      TableName,
      Select: "COUNT",
      FilterExpression: "#status = :free",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":free": { S: "free" } },
      ...(ExclusiveStartKey === undefined ? {} : { ExclusiveStartKey }),
    };
    const page = await runtime.localAws.call({
      service: "dynamodb",
      operation: "Scan",
      input,
      caller: PERSON,
    });
    free += Number(page["Count"]);
    ExclusiveStartKey = page["LastEvaluatedKey"];
  } while (ExclusiveStartKey !== undefined);
  return free;
}
