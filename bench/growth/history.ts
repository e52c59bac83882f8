/** The past calls of one client. The first page costs the same for any number. */
import { clientPartition } from "../../handlers/store/tables.ts";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { phone } from "../../local/phones.ts";
import type { Stack } from "../stack.ts";
import { type Counted, counted } from "./counted.ts";
import { plantRows } from "./planted-rows.ts";

const TIMES = 10;

export async function history(stack: Stack, sizes: readonly number[]): Promise<Counted[]> {
  const { runtime, clock } = stack;
  const [alice, bob] = [await phone(runtime, "alice"), await phone(runtime, "bob")];
  const TableName = runtime.physicalId("CallsTable");
  const list = () => alice.send({ action: "listCalls", clientId: alice.clientId });
  const called = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
  });
  await alice.send({ action: "endCall", clientId: alice.clientId, callId: called.body["callId"] });
  await clock.advance(10_000);
  const row = await firstRow(stack, TableName, alice.clientId);
  const callId = String(called.body["callId"]);
  // Older calls, each with an id and a key of its own.
  const past = (index: number): Shape => {
    const id = callId.slice(0, -8) + index.toString(16).padStart(8, "0");
    return JSON.parse(JSON.stringify(row).replaceAll(callId, id)) as Shape;
  };
  const rows: Counted[] = [];
  let planted = 1;
  for (const size of sizes) {
    await plantRows(runtime, TableName, { from: planted, to: size }, past);
    planted = size;
    rows.push(await counted(stack, size, { times: TIMES, act: list }));
  }
  return rows;
}

async function firstRow({ runtime }: Stack, TableName: string, clientId: string): Promise<Shape> {
  const input = {
    TableName,
    KeyConditionExpression: "pk = :client",
    ExpressionAttributeValues: { ":client": { S: clientPartition(clientId) } },
    Limit: 1,
  };
  const { Items } = await runtime.localAws.call({
    service: "dynamodb",
    operation: "Query",
    input,
    caller: PERSON,
  });
  const [row] = Items as Shape[];
  if (!row) throw new Error("the first call has left no history");
  return row;
}
