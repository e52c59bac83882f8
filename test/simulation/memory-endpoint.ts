/** The tables of the model in place of DynamoDB, for the tests of the adapters: every client of the SDK in this process finds them. */
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { type Input, intercept } from "./model-aws.ts";
import { memoryDynamodb, type TableDefinition } from "./memory-dynamodb.ts";

export function openMemoryEndpoint(tables: Readonly<Record<string, TableDefinition>>): Disposable {
  const dynamodb = memoryDynamodb({ tables });
  return intercept(async (operation, input) => {
    switch (operation) {
      case "CreateTable":
      case "DeleteTable":
        return {};
      // The workflow's wait is written in the words of the wire.
      case "UpdateItem":
        return dynamodb.run("Update", unmarshalled(input));
      default:
        return dynamodb.run(operation, input);
    }
  });
}

const unmarshalled = (input: Input): Input => ({
  ...input,
  Key: unmarshall(input["Key"] as never),
  ExpressionAttributeValues: unmarshall(input["ExpressionAttributeValues"] as never),
});
