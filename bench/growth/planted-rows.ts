/** Writes hundreds of thousands of rows directly into a table. */
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Runtime } from "../../packages/local-aws/src/runtime.ts";

const BATCH = 25;

export async function plantRows(
  { localAws }: Runtime,
  TableName: string,
  range: { readonly from: number; readonly to: number },
  row: (index: number) => Shape,
): Promise<void> {
  for (let first = range.from; first < range.to; first += BATCH) {
    const length = Math.min(BATCH, range.to - first);
    const puts = Array.from({ length }, (_, index) => ({ PutRequest: { Item: row(first + index) } }));
    const input = { RequestItems: { [TableName]: puts } };
    await localAws.call({ service: "dynamodb", operation: "BatchWriteItem", input, caller: PERSON });
  }
}
