/**
 * ItemReader: the items of a distributed Map, read from S3 with the role of the state machine.
 *
 * R1 A file is one object in memory, as S3 has it here; its items are parsed one by one when they are asked for.
 * R2 Whatever keeps the items from being read fails the Map with States.ItemReaderFailed.
 */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { AwsError, type Json, type Shape } from "../../local-aws.ts";
import type { ItemReader } from "../definition/definition.ts";
import { itemsOfCsv, itemsOfJson, itemsOfJsonLines, type CsvFormat } from "./item-formats.ts";
import { StateError } from "./state-error.ts";
import { evaluate, evaluateNumber, type Visit } from "./visit.ts";

export interface ItemSource {
  readonly total: number;
  items(): Iterable<Json>;
}

const FAILED = "States.ItemReaderFailed";
const MOST_ITEMS = 100_000_000;
const DELIMITERS: Readonly<Record<string, string>> = {
  COMMA: ",",
  PIPE: "|",
  SEMICOLON: ";",
  SPACE: " ",
  TAB: "\t",
};

type Config = NonNullable<ItemReader["ReaderConfig"]>;
type Source = () => Iterable<Json>;

export async function readItems(visit: Visit, reader: ItemReader): Promise<ItemSource> {
  const { ReaderConfig: config = {} } = reader;
  const asked = (await evaluate(visit, "ItemReader/Arguments", reader.Arguments)) as Shape;
  const most = await mostItems(visit, config);
  try {
    const isList = reader.Resource.endsWith(":listObjectsV2");
    const source = isList ? await listed(visit, asked, config) : await sourceOf(visit, asked, config);
    let total = 0;
    for (const _item of first(source(), most)) total += 1;
    return { total, items: () => guarded(first(source(), most)) };
  } catch (error) {
    throw readerFailed(error);
  }
}

async function mostItems(visit: Visit, { MaxItems }: Config): Promise<number> {
  if (MaxItems === undefined) return MOST_ITEMS;
  const range = { least: 0, most: MOST_ITEMS };
  // 0 means all.
  return (await evaluateNumber(visit, "ItemReader/ReaderConfig/MaxItems", MaxItems, range)) || MOST_ITEMS;
}

function readerFailed(error: unknown): unknown {
  if (error instanceof StateError) return error;
  if (error instanceof AwsError) {
    const { code, message, status } = error;
    return new StateError(FAILED, `${message} (Service: S3, Status Code: ${status}, Error Code: ${code})`);
  }
  return new StateError(FAILED, `Unable to parse file. ${error instanceof Error ? error.message : ""}`);
}

function* first(items: Iterable<Json>, most: number): Generator<Json> {
  let count = 0;
  for (const item of items) {
    if (count >= most) return;
    count += 1;
    yield item;
  }
}

function* guarded(items: Iterable<Json>): Generator<Json> {
  try {
    yield* items;
  } catch (error) {
    throw readerFailed(error);
  }
}

const callS3 = ({ scope }: Visit, operation: string, input: Shape): Promise<Shape> =>
  scope.engine.localAws.call({
    service: "s3",
    operation,
    input,
    caller: { kind: "role", arn: scope.execution.machine.roleArn },
  });

async function bytesOf(visit: Visit, asked: Shape): Promise<Buffer> {
  const { Body, ContentEncoding } = await callS3(visit, "GetObject", asked);
  const key = String(asked["Key"]);
  const bytes = Body as Buffer;
  if (key.endsWith(".gz") || ContentEncoding === "gzip") return gunzipSync(bytes);
  return key.endsWith(".zst") || ContentEncoding === "zstd" ? zstdDecompressSync(bytes) : bytes;
}

async function sourceOf(visit: Visit, asked: Shape, config: Config): Promise<Source> {
  const bytes = await bytesOf(visit, asked);
  const { InputType: type, ItemsPointer } = config;
  if (type === "JSONL") return () => itemsOfJsonLines(bytes);
  if (type === "JSON") {
    const items = itemsOfJson(bytes.toString("utf8"), ItemsPointer as string | undefined);
    return () => items;
  }
  if (type === "MANIFEST") return inventory(visit, JSON.parse(bytes.toString("utf8")) as Inventory);
  const { CSVHeaderLocation: place, CSVHeaders, CSVDelimiter = "COMMA" } = config;
  const headers = place === "GIVEN" ? (CSVHeaders as string[]) : undefined;
  const format: CsvFormat = { delimiter: DELIMITERS[CSVDelimiter as string] ?? ",", headers };
  return () => itemsOfCsv(bytes.toString("utf8"), format);
}

/** What S3 Inventory writes: gzipped CSV files without headers. */
interface Inventory {
  readonly destinationBucket: string;
  readonly fileFormat: string;
  readonly fileSchema: string;
  readonly files: readonly { readonly key: string }[];
}

async function inventory(
  visit: Visit,
  { destinationBucket, fileFormat, fileSchema, files }: Inventory,
): Promise<Source> {
  if (fileFormat !== "CSV") throw new Error(`an inventory in ${fileFormat} is not part of the local runtime`);
  const Bucket = destinationBucket.split(":").at(-1);
  const format = { delimiter: ",", headers: fileSchema.split(",").map((name) => name.trim()) };
  const texts: string[] = [];
  for (const { key: Key } of files) texts.push((await bytesOf(visit, { Bucket, Key })).toString("utf8"));
  return function* () {
    for (const text of texts) yield* itemsOfCsv(text, format);
  };
}

/** Objects by their names, or with LOAD_AND_FLATTEN the items in all of them. */
async function listed(visit: Visit, asked: Shape, config: Config): Promise<Source> {
  const objects = await allObjects(visit, asked);
  if (config["Transformation"] !== "LOAD_AND_FLATTEN") return () => objects.map(asItem);
  const sources: Source[] = [];
  const { Bucket } = asked;
  for (const { Key } of objects) sources.push(await sourceOf(visit, { Bucket, Key }, config));
  return function* () {
    for (const source of sources) yield* source();
  };
}

async function allObjects(visit: Visit, asked: Shape): Promise<Shape[]> {
  const objects: Shape[] = [];
  let ContinuationToken: unknown;
  do {
    const more = ContinuationToken === undefined ? {} : { ContinuationToken };
    const page = await callS3(visit, "ListObjectsV2", { ...asked, ...more });
    objects.push(...(page["Contents"] as Shape[]));
    ContinuationToken = page["NextContinuationToken"];
  } while (ContinuationToken !== undefined);
  return objects;
}

/** As AWS hands them over: Etag is spelled so, and the time is in whole seconds. */
const asItem = ({ ETag, Key, LastModified, Size, StorageClass }: Shape): Json =>
  ({
    Etag: ETag,
    Key,
    LastModified: Math.floor(Date.parse(String(LastModified)) / 1000),
    Size,
    StorageClass,
    // Values of a listing are texts and numbers.
  }) as Json;
