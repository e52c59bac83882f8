/** The bucket of deletions, through the AWS SDK: which files are results of a run. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { noResult, operationIdSchema } from "../../calls/clean-up.ts";
import { runName } from "../../calls/clean-up-runs.ts";
import { type OperationStore, operationStore } from "../../handlers/clients/operation-store.ts";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { createS3 } from "../../packages/local-aws/src/s3/s3.ts";
import { type TestAws, serveTestAws, REGION } from "../../packages/local-aws/test/served-aws.ts";

const Bucket = "clean-ups";
const MONDAY = operationIdSchema.parse("monday");
let aws: TestAws;
let store: OperationStore;

openForEach(serveTestAws, async (opened) => {
  aws = opened;
  aws.localAws.register(createS3(aws.localAws).service);
  await s3("CreateBucket", {});
  store = operationStore({ AWS_REGION: REGION, CLEAN_UP_BUCKET: Bucket });
});

const s3 = (operation: string, input: Shape): Promise<Shape> =>
  aws.localAws.call({ service: "s3", operation, input: { Bucket, ...input }, caller: PERSON });
const put = (Key: string, value: unknown): Promise<Shape> =>
  s3("PutObject", { Key, Body: typeof value === "string" ? value : JSON.stringify(value) });
const batch = { ...noResult(), deleted: 1 };

/** A manifest in the form in which Step Functions writes it. */
async function manifest(folder: string, files: Record<string, readonly string[]>): Promise<void> {
  const ResultFiles = Object.fromEntries(
    Object.entries(files).map(([kind, names]) => [
      kind,
      names.map((name) => ({ Key: `${folder}/${name}`, Size: 2 })),
    ]),
  );
  const MapRunArn = "arn:aws:states:us-east-1:000000000000:mapRun:clean-up/batches:1";
  await put(`${folder}/manifest.json`, { DestinationBucket: Bucket, MapRunArn, ResultFiles });
}

async function deleted(run = 1): Promise<number> {
  let sum = 0;
  for await (const result of store.results(runName(MONDAY, run))) sum += result.deleted;
  return sum;
}

test("every file in the manifest is read, even beyond a thousand", async () => {
  const names = Array.from({ length: 1_050 }, (_, index) => `SUCCEEDED_${index}.json`);
  for (const name of names) await put(`results/monday/map-run/${name}`, [batch]);
  await manifest("results/monday/map-run", { SUCCEEDED: names, FAILED: [], PENDING: [] });
  expect(await deleted()).toBe(1_050);
});

test("a file beside the results that the manifest lacks is not read, and neither is a file of another run", async () => {
  await put("results/monday/map-run/SUCCEEDED_0.json", [batch, batch]);
  await put("results/monday/map-run/SUCCEEDED_1.json", [batch]);
  await put("results/monday/notes.json", [batch]);
  await manifest("results/monday/map-run", { SUCCEEDED: ["SUCCEEDED_0.json"], FAILED: [], PENDING: [] });
  await put("results/monday-2/map-run/SUCCEEDED_0.json", [batch]);
  await manifest("results/monday-2/map-run", { SUCCEEDED: ["SUCCEEDED_0.json"] });
  expect([await deleted(1), await deleted(2), await deleted(3)]).toEqual([2, 1, 0]);
});

test("clients of a batch that failed or never began are reported one by one", async () => {
  const id = "00000000-0000-4000-8000-000000000001";
  const Input = JSON.stringify({ Items: [{ clientId: id }, { line: 7, text: "nobody" }] });
  await put("results/monday/map-run/FAILED_0.json", [{ Input, Status: "FAILED", Error: "Gone" }]);
  await put("results/monday/map-run/PENDING_0.json", [{ Input, Status: "PENDING" }]);
  await manifest("results/monday/map-run", { FAILED: ["FAILED_0.json"], PENDING: ["PENDING_0.json"] });
  const failures = [
    { clientId: id, reason: "not_processed" },
    { clientId: "nobody", line: 7, reason: "not_processed" },
  ];
  const results = [];
  for await (const result of store.results(MONDAY)) results.push(result);
  expect(results).toEqual([
    { ...noResult(), failed: 2, failures },
    { ...noResult(), failed: 2, failures },
  ]);
});

test("a list has one object a line, including lines without a client", async () => {
  const clientId = "00000000-0000-4000-8000-000000000001";
  await store.writeList("operations/monday/list.jsonl", [{ clientId } as never, { line: 2, text: "nobody" }]);
  expect(await store.readList("operations/monday/list.jsonl")).toBe(
    `{"clientId":"${clientId}"}\n{"line":2,"text":"nobody"}\n`,
  );
  expect(await store.readList("operations/monday/other")).toBeUndefined();
});
