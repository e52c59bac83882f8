/** A distributed Map that reads its items from S3 and leaves its results there. */
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PERSON, type Shape } from "../src/local-aws.ts";
import { createS3 } from "../src/s3/s3.ts";
import { machineOf, openWorld, type World } from "./step-functions-world.ts";

const Bucket = "clean-ups";
let world: World;

const s3 = (operation: string, input: Shape): Promise<Shape> =>
  world.localAws.call({ service: "s3", operation, input: { Bucket, ...input }, caller: PERSON });
const put = (Key: string, Body: string | Buffer): Promise<Shape> => s3("PutObject", { Key, Body });
const read = async (Key: string): Promise<string> => String((await s3("GetObject", { Key }))["Body"]);

beforeEach(async () => {
  world = openWorld();
  world.localAws.register(createS3(world.localAws).service);
  await s3("CreateBucket", {});
});
afterEach(() => world.clock.dispose());

const GET = "arn:aws:states:::s3:getObject";
const LIST = "arn:aws:states:::s3:listObjectsV2";
const PUT = "arn:aws:states:::s3:putObject";
const fails = { Type: "Fail", Error: "Gone", Cause: "left" };

/** Children give their input back; an item that says so fails its child. */
const map = (fields: Shape, type = "EXPRESS"): Shape =>
  machineOf({
    Clients: {
      Type: "Map",
      Label: "clients",
      ItemProcessor: {
        ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: type },
        StartAt: "Choose",
        States: {
          Choose: {
            Type: "Choice",
            Choices: [{ Condition: "{% $contains($string($states.input), 'bad') %}", Next: "Fails" }],
            Default: "Done",
          },
          Fails: fails,
          Done: { Type: "Succeed" },
        },
      },
      End: true,
      ...fields,
    },
  });
const reader = (Key: string, ReaderConfig: Shape): Shape => ({
  ItemReader: { Resource: GET, Arguments: { Bucket, Key }, ReaderConfig },
});
const outputOf = async (definition: Shape, input?: unknown): Promise<unknown> => {
  const ended = await world.run(definition, input);
  expect(ended).toMatchObject({ status: "SUCCEEDED" });
  return JSON.parse(String(ended["output"]));
};
const mapRunOf = async (executionArn: string): Promise<Shape> => {
  const { mapRuns } = await world.states("ListMapRuns", { executionArn });
  const [{ mapRunArn } = {}] = mapRuns as Shape[];
  return world.states("DescribeMapRun", { mapRunArn });
};

test.each<[string, string | Buffer, Shape, unknown]>([
  ["ids.jsonl", '{"id":1}\n\n{"id":2}', { InputType: "JSONL" }, [{ id: 1 }, { id: 2 }]],
  ["ids.jsonl.gz", gzipSync('"a"\n"b"\n'), { InputType: "JSONL" }, ["a", "b"]],
  ["ids.json", '["a","b","c"]', { InputType: "JSON", MaxItems: 2 }, ["a", "b"]],
  ["ids.json", '{"list":{"a":1}}', { InputType: "JSON", ItemsPointer: "/list" }, [{ Key: "a", Value: 1 }]],
  [
    "ids.csv",
    'id,note\r\n1,"a, ""b"""\n2\n',
    { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" },
    [
      { id: "1", note: 'a, "b"' },
      { id: "2", note: "" },
    ],
  ],
  [
    "ids.csv",
    "1|x\n",
    { InputType: "CSV", CSVHeaderLocation: "GIVEN", CSVHeaders: ["id", "note"], CSVDelimiter: "PIPE" },
    [{ id: "1", note: "x" }],
  ],
])("items of %s: %j", async (key, body, config, items) => {
  await put(key, body);
  expect(await outputOf(map(reader(key, config)))).toEqual(items);
});

test("the items of an inventory are the rows of its files", async () => {
  await put("data/1.csv.gz", gzipSync('"clean-ups","a","1"\n'));
  const files = [{ key: "data/1.csv.gz" }];
  const manifest = { destinationBucket: `arn:aws:s3:::${Bucket}`, fileFormat: "CSV", files };
  await put("manifest.json", JSON.stringify({ ...manifest, fileSchema: "Bucket, Key, Size" }));
  expect(await outputOf(map(reader("manifest.json", { InputType: "MANIFEST" })))).toEqual([
    { Bucket, Key: "a", Size: "1" },
  ]);
});

test("objects are items by their names, or by what is in them", async () => {
  await put("lists/1.jsonl", '"a"\n');
  await put("lists/2.jsonl", '"b"\n"c"\n');
  const listing = (ReaderConfig: Shape): Shape => ({
    ItemReader: { Resource: LIST, Arguments: { Bucket, Prefix: "{% $states.input.prefix %}" }, ReaderConfig },
  });
  const LastModified = Math.floor(world.clock.now() / 1000);
  expect(await outputOf(map(listing({})), { prefix: "lists/" })).toMatchObject([
    { Key: "lists/1.jsonl", Size: 4, LastModified, StorageClass: "STANDARD" },
    { Key: "lists/2.jsonl", Size: 8 },
  ]);
  const flat = { InputType: "JSONL", Transformation: "LOAD_AND_FLATTEN" };
  expect(await outputOf(map(listing(flat)), { prefix: "lists/" })).toEqual(["a", "b", "c"]);
});

test("what cannot be read fails the Map with States.ItemReaderFailed", async () => {
  const missing = await world.run(map(reader("nothing", { InputType: "JSONL" })));
  expect(missing).toMatchObject({ status: "FAILED", error: "States.ItemReaderFailed" });
  expect(missing["cause"]).toContain("Error Code: NoSuchKey");
  await put("ids.jsonl", '"a"\n{');
  const broken = await world.run(map(reader("ids.jsonl", { InputType: "JSONL" })));
  expect(broken["cause"]).toContain("line 2 is not JSON");
});

test("the role must be allowed to read, to start children and to write", async () => {
  await put("ids.jsonl", '"a"\n');
  const ResultWriter = { Resource: PUT, Arguments: { Bucket, Prefix: "results" } };
  const asked: [string, string][] = [];
  world.localAws.observe((told) => {
    if (told.kind === "aws-call" && told.caller.kind === "role") asked.push([told.service, told.operation]);
  });
  await world.run(map({ ...reader("ids.jsonl", { InputType: "JSONL" }), ResultWriter }));
  expect(asked).toEqual([
    ["s3", "GetObject"],
    ["states", "StartMapRun"],
    ["s3", "PutObject"],
    ["s3", "PutObject"],
  ]);
});

const written = async (mapRun: Shape, name: string): Promise<unknown> =>
  JSON.parse(await read(`results/${String(mapRun["mapRunArn"]).split(":").at(-1)}/${name}`));

test("results go to S3 with a manifest, the failures that were tolerated beside the successes", async () => {
  await put("ids.jsonl", '"a"\n"bad"\n"c"\n');
  const ResultWriter = { Resource: PUT, Arguments: { Bucket, Prefix: "results" } };
  const fields = { ...reader("ids.jsonl", { InputType: "JSONL" }), ToleratedFailureCount: 1, ResultWriter };
  const arn = await world.start(map(fields));
  const ended = await world.end(arn);
  const run = await mapRunOf(arn);
  const { mapRunArn } = run;
  const folder = `results/${String(mapRunArn).split(":").at(-1)}`;
  expect(JSON.parse(String(ended["output"]))).toEqual({
    MapRunArn: mapRunArn,
    ResultWriterDetails: { Bucket, Key: `${folder}/manifest.json` },
  });
  expect(await written(run, "manifest.json")).toEqual({
    DestinationBucket: Bucket,
    MapRunArn: mapRunArn,
    ResultFiles: {
      FAILED: [{ Key: `${folder}/FAILED_0.json`, Size: expect.any(Number) }],
      PENDING: [],
      SUCCEEDED: [{ Key: `${folder}/SUCCEEDED_0.json`, Size: expect.any(Number) }],
    },
  });
  expect(await written(run, "SUCCEEDED_0.json")).toMatchObject([
    { Status: "SUCCEEDED", Input: '"a"', Output: '"a"', InputDetails: { Included: true } },
    { Input: '"c"' },
  ]);
  expect(await written(run, "FAILED_0.json")).toMatchObject([
    { Status: "FAILED", Input: '"bad"', Error: "Gone", Cause: "left" },
  ]);
  expect(run).toMatchObject({ itemCounts: { total: 3, succeeded: 2, failed: 1, resultsWritten: 2 } });
});

test("a run that fails tells what failed and what never began", async () => {
  await put("ids.jsonl", '"bad"\n"b"\n"c"\n');
  const ResultWriter = { Resource: PUT, Arguments: { Bucket, Prefix: "results" } };
  const fields = { ...reader("ids.jsonl", { InputType: "JSONL" }), MaxConcurrency: 1, ResultWriter };
  const arn = await world.start(map(fields));
  expect(await world.end(arn)).toMatchObject({ error: "States.ExceedToleratedFailureThreshold" });
  const run = await mapRunOf(arn);
  expect(run).toMatchObject({ status: "FAILED", itemCounts: { failed: 1, pending: 2, total: 3 } });
  expect(await written(run, "PENDING_0.json")).toMatchObject([
    { Input: '"b"', Status: "PENDING" },
    { Input: '"c"' },
  ]);
});

test("WriterConfig gives outputs alone, lists laid flat, or a line for each", async () => {
  const Items = [["a", "b"], ["c"]];
  const asked = (WriterConfig: Shape) => map({ Items, ResultWriter: { WriterConfig } });
  expect(await outputOf(asked({ Transformation: "FLATTEN" }))).toEqual(["a", "b", "c"]);
  expect(await outputOf(asked({ Transformation: "NONE" }))).toMatchObject([{ Output: '["a","b"]' }, {}]);
  const WriterConfig = { Transformation: "FLATTEN", OutputType: "JSONL" };
  const ResultWriter = { Resource: PUT, Arguments: { Bucket }, WriterConfig };
  const { ResultWriterDetails } = (await outputOf(map({ Items, ResultWriter }))) as Shape;
  const { Key } = ResultWriterDetails as { Key: string };
  expect(await read(Key.replace("manifest.json", "SUCCEEDED_0.jsonl"))).toBe('"a"\n"b"\n"c"\n');
});

test("Express children of a Map Run are listed and described, and have no history", async () => {
  const arn = await world.start(map({ Items: ["a", "b"] }));
  await world.end(arn);
  const { mapRunArn } = await mapRunOf(arn);
  const { executions } = await world.states("ListExecutions", { mapRunArn });
  expect(executions).toMatchObject([{ status: "SUCCEEDED", itemCount: 1 }, { mapRunArn }]);
  const [{ executionArn } = {}] = executions as Shape[];
  expect(executionArn).toMatch(/:express:machine-1\/clients:/);
  expect(await world.states("DescribeExecution", { executionArn })).toMatchObject({ input: '"b"' });
  await expect(world.states("GetExecutionHistory", { executionArn })).rejects.toMatchObject({
    code: "InvalidArn",
  });
});

test("children begin at AWS's rate, and an input is made when there is room for its child", async () => {
  await put("ids.jsonl", Array.from({ length: 2_500 }, (_, id) => `{"id":${id}}`).join("\n"));
  const startedAtMs = world.clock.now();
  const arn = await world.start(map({ ...reader("ids.jsonl", { InputType: "JSONL" }), MaxConcurrency: 50 }));
  await world.end(arn);
  expect(world.clock.now() - startedAtMs).toBeGreaterThanOrEqual(2_000);
  const run = await mapRunOf(arn);
  expect(run).toMatchObject({ itemCounts: { total: 2_500, succeeded: 2_500 } });
  const { executions } = await world.states("ListExecutions", {
    mapRunArn: run["mapRunArn"],
    maxResults: 1000,
  });
  expect((executions as Shape[]).length).toBeLessThanOrEqual(2_000);
});

test.each<[Shape, string]>([
  [reader("a", { InputType: "PARQUET" }), "InputType must be one of CSV, JSON, JSONL, MANIFEST"],
  [{ ...reader("a", { InputType: "JSON" }), Items: [] }, "Only one of 'Items' and 'ItemReader'"],
  [{ ResultWriter: { Resource: PUT } }, "needs both of 'Resource' and 'Arguments'"],
  [{ ItemReader: { Resource: "arn:aws:states:::s3:other", Arguments: {} } }, "no ItemReader"],
])("a definition is refused: %j", async (fields, message) => {
  await expect(world.create(map(fields))).rejects.toThrow(message);
});
