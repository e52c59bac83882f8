/**
 * DynamoDB's document client without the SDK below it: a command's input goes to local AWS in wire shape, and the reply or the
 * error comes back as the SDK would give it. Writing requests, signing and parsing replies take most of a request's time here
 * and change nothing of what is measured: what the tables hold, and who gets a stage.
 */
import { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { convertToAttr, convertToNative } from "@aws-sdk/util-dynamodb";
import { AwsError, type LocalAws, PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";

const OPERATIONS: Readonly<Record<string, string>> = {
  GetCommand: "GetItem",
  PutCommand: "PutItem",
  UpdateCommand: "UpdateItem",
  DeleteCommand: "DeleteItem",
  QueryCommand: "Query",
  TransactWriteCommand: "TransactWriteItems",
};
/** Members of an input that contain items or values by name. */
const MAPS = ["Key", "Item", "ExpressionAttributeValues", "ExclusiveStartKey"];

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Shape;
}

/** Sends all document clients of this process to this local AWS. */
export function leanDocuments(localAws: LocalAws): void {
  async function send(command: Command): Promise<Shape> {
    const operation = OPERATIONS[command.constructor.name];
    if (!operation) throw new Error(`${command.constructor.name} is not known to the lean client`);
    try {
      const input = asWire(command.input);
      return asNative(await localAws.call({ service: "dynamodb", operation, input, caller: PERSON }));
    } catch (error) {
      throw error instanceof AwsError ? asSdkError(error) : error;
    }
  }
  // The overloads of the SDK's `send` cannot be written here. Inputs and outputs are the same.
  DynamoDBDocumentClient.prototype.send = send as unknown as DynamoDBDocumentClient["send"];
}

function asWire(input: Shape): Shape {
  const wire: Shape = {};
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    if (MAPS.includes(name)) wire[name] = attributes(value as Shape);
    else if (name === "TransactItems") wire[name] = (value as Shape[]).map(partAsWire);
    else wire[name] = value;
  }
  return wire;
}

const partAsWire = (part: Shape): Shape =>
  Object.fromEntries(Object.entries(part).map(([kind, input]) => [kind, asWire(input as Shape)]));

function attributes(values: Shape): Shape {
  const wire: Shape = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) wire[name] = attribute(value);
  return wire;
}

/** The most frequent kinds of values in this project's items. The SDK handles the others. */
function attribute(value: unknown): Shape {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return { M: attributes(value as Shape) };
  const other = convertToAttr(value as Parameters<typeof convertToAttr>[0], { removeUndefinedValues: true });
  return { ...other };
}

function native(value: unknown): unknown {
  const typed = value as { S?: string; N?: string; BOOL?: boolean; M?: Shape; L?: unknown[] };
  if (typed.S !== undefined) return typed.S;
  if (typed.N !== undefined) return Number(typed.N);
  if (typed.BOOL !== undefined) return typed.BOOL;
  if (typed.M !== undefined) return natives(typed.M);
  if (typed.L !== undefined) return typed.L.map(native);
  return convertToNative(value as Parameters<typeof convertToNative>[0]);
}

function natives(values: Shape): Shape {
  const all: Shape = {};
  for (const [name, value] of Object.entries(values)) all[name] = native(value);
  return all;
}

function asNative({ Item, Items, Attributes, LastEvaluatedKey, ...reply }: Shape): Shape {
  return {
    ...reply,
    ...(Item ? { Item: natives(Item as Shape) } : {}),
    ...(Attributes ? { Attributes: natives(Attributes as Shape) } : {}),
    ...(LastEvaluatedKey ? { LastEvaluatedKey: natives(LastEvaluatedKey as Shape) } : {}),
    ...(Items ? { Items: (Items as Shape[]).map(natives) } : {}),
  };
}

/** Items in errors keep their wire shape, as in the SDK. */
function asSdkError({ code, message, fields }: AwsError): Error {
  const told = { message, $metadata: {}, ...fields };
  if (code === "ConditionalCheckFailedException") return new ConditionalCheckFailedException(told);
  if (code === "TransactionCanceledException") return new TransactionCanceledException(told);
  return Object.assign(new Error(message), { name: code });
}
