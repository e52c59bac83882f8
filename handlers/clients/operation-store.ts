/**
 * The bucket of deletions. Of an operation: `operations/<id>/operation.json`, its list, and a report for each run; what the
 * batches of a run said is below `results/<its name>/`, as Step Functions writes it. Operators put lists below `deletions/`.
 */
import {
  GetObjectCommand,
  NoSuchKey,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import * as z from "zod/mini";
import { type BatchResult, batchResultSchema, noResult, type Failure } from "../../calls/clean-up.ts";
import { type ListItem, listOf, namedIn } from "../../calls/client-list.ts";
import { type Operation, type OperationId, operationSchema } from "../../calls/clean-up.ts";
import { type Report, reportSchema } from "../../calls/clean-up.ts";
import { reportKey } from "../../calls/clean-up-runs.ts";
import type { Environment } from "../edge/environment.ts";
import { clientOptions } from "../edge/client-options.ts";

export interface OperationStore {
  /** The first writer wins: returns the stored operation, this one or an earlier one with the same id. */
  begin(operation: Operation): Promise<Operation>;
  read(operationId: OperationId): Promise<Operation | undefined>;
  /** A list as it was put into the bucket. Undefined if there is none. */
  readList(key: string): Promise<string | undefined>;
  /** Repeating it writes the same. */
  writeList(key: string, items: readonly ListItem[]): Promise<void>;
  /** The total of all runs of the operation, this one included. */
  writeReport(report: Report, run: number): Promise<void>;
  report(operationId: OperationId, run: number): Promise<Report | undefined>;
  /**
   * The replies of a run's batches, from the files that its manifest names; a batch without a reply counts as failed. Empty if
   * Step Functions has written no manifest: the run was stopped, or could not read its list.
   */
  results(runId: OperationId): AsyncIterable<BatchResult>;
}

/** A list of millions of lines takes longer than a request to a table. */
const LIST_TIMEOUT_MS = 60_000;

const operationKey = (operationId: string): string => `operations/${operationId}/operation.json`;
/** Beside the results of a Map Run; other files there are not its results. */
const manifestSchema = z.object({
  ResultFiles: z.record(z.string(), z.array(z.object({ Key: z.string() }))),
});

export function operationStore({
  AWS_REGION,
  CLEAN_UP_BUCKET: Bucket,
}: Environment<"AWS_REGION" | "CLEAN_UP_BUCKET">): OperationStore {
  const options = clientOptions(AWS_REGION);
  const requestHandler = { ...options.requestHandler, requestTimeout: LIST_TIMEOUT_MS };
  const s3 = new S3Client({ ...options, requestHandler });

  async function text(Key: string): Promise<string | undefined> {
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return await Body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  async function parsed<S extends z.ZodMiniType>(key: string, schema: S): Promise<z.output<S> | undefined> {
    const found = await text(key);
    return found === undefined ? undefined : schema.parse(JSON.parse(found));
  }

  const read = (operationId: OperationId) => parsed(operationKey(operationId), operationSchema);

  /** A run is one Map Run, which has a folder of its own. */
  async function resultKeys(runId: OperationId): Promise<string[]> {
    const keys: string[] = [];
    const pages = paginateListObjectsV2(
      { client: s3 },
      { Bucket, Prefix: `results/${runId}/`, Delimiter: "/" },
    );
    for await (const { CommonPrefixes = [] } of pages) {
      for (const { Prefix } of CommonPrefixes) {
        const manifest = await parsed(`${Prefix}manifest.json`, manifestSchema);
        for (const files of Object.values(manifest?.ResultFiles ?? {}))
          keys.push(...files.map(({ Key }) => Key));
      }
    }
    return keys;
  }

  return {
    read,
    async begin(operation) {
      const Key = operationKey(operation.operationId);
      try {
        const Body = JSON.stringify(operation);
        const ContentType = "application/json";
        await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType, IfNoneMatch: "*" }));
        return operation;
      } catch (error) {
        const lost = error instanceof S3ServiceException && error.name === "PreconditionFailed";
        const standing = lost ? await read(operation.operationId) : undefined;
        if (standing) return standing;
        throw error;
      }
    },
    readList: text,
    async writeList(Key, items) {
      const Body = listOf(items);
      await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/jsonl" }));
    },
    async writeReport(report, run) {
      const Body = JSON.stringify(report);
      const Key = reportKey(report.operationId, run);
      await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/json" }));
    },
    report: (operationId, run) => parsed(reportKey(operationId, run), reportSchema),
    async *results(runId) {
      for (const key of await resultKeys(runId)) {
        const file = JSON.parse((await text(key)) ?? "[]") as unknown;
        for (const entry of z.array(z.unknown()).parse(file)) yield resultOf(entry);
      }
    },
  };
}

/** A child that failed or never began, as Step Functions reports it, with its input. */
const unprocessed = z.object({ Input: z.string(), Status: z.string() });
const batchInput = z.object({ Items: z.array(z.unknown()) });

function resultOf(entry: unknown): BatchResult {
  const child = unprocessed.safeParse(entry);
  if (!child.success) return batchResultSchema.parse(entry);
  const { Items } = batchInput.parse(JSON.parse(child.data.Input));
  const failures = Items.map((item): Failure => ({ ...namedIn(item), reason: "not_processed" }));
  return { ...noResult(), failed: failures.length, failures };
}
