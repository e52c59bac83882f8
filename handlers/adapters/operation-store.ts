/**
 * The bucket of deletions. Of an operation: `operations/<id>/operation.json`, its list, and `report.json`; what its batches
 * said is below `results/<id>/`, as Step Functions writes it. Operators put lists of their own below `deletions/`.
 */
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import * as z from "zod";
import { type BatchResult, batchResultSchema, noResult, type Failure } from "../../calls/clean-up.ts";
import { type Operation, type OperationId, operationSchema } from "../../calls/clean-up.ts";
import { type Report, reportSchema } from "../../calls/clean-up.ts";
import type { Environment } from "../environment.ts";
import { clientOptions } from "./client-options.ts";

export interface OperationStore {
  /** First writer wins: the reply is the operation as it stands, this one or an earlier one of the same id. */
  begin(operation: Operation): Promise<Operation>;
  read(operationId: OperationId): Promise<Operation | undefined>;
  /** Repeating it writes the same. */
  writeList(key: string, clientIds: readonly string[]): Promise<void>;
  writeReport(report: Report): Promise<void>;
  report(operationId: OperationId): Promise<Report | undefined>;
  /** What the batches said, file by file; a batch that never replied counts as failed. */
  results(operationId: OperationId): AsyncIterable<BatchResult>;
}

/** Result files of one operation: each has 32 MiB or more, except the last. */
const MAX_RESULT_FILES = 1_000;
/** A list of millions of lines takes longer than a request to a table. */
const LIST_TIMEOUT_MS = 60_000;

const operationKey = (operationId: string): string => `operations/${operationId}/operation.json`;
const reportKey = (operationId: string): string => `operations/${operationId}/report.json`;

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

  async function parsed<S extends z.ZodType>(key: string, schema: S): Promise<z.output<S> | undefined> {
    const found = await text(key);
    return found === undefined ? undefined : schema.parse(JSON.parse(found));
  }

  const read = (operationId: OperationId) => parsed(operationKey(operationId), operationSchema);

  async function resultKeys(operationId: OperationId): Promise<string[]> {
    const Prefix = `results/${operationId}/`;
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: MAX_RESULT_FILES }),
    );
    return Contents.map(({ Key = "" }) => Key).filter((key) => !key.endsWith("/manifest.json"));
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
    async writeList(Key, clientIds) {
      const Body = clientIds.map((clientId) => `"${clientId}"\n`).join("");
      await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/jsonl" }));
    },
    async writeReport(report) {
      const Body = JSON.stringify(report);
      const Key = reportKey(report.operationId);
      await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/json" }));
    },
    report: (operationId) => parsed(reportKey(operationId), reportSchema),
    async *results(operationId) {
      for (const key of await resultKeys(operationId)) {
        const file = JSON.parse((await text(key)) ?? "[]") as unknown;
        for (const entry of z.array(z.unknown()).parse(file)) yield resultOf(entry);
      }
    },
  };
}

/** A child that failed or never began is told by Step Functions, with its input. */
const unprocessed = z.object({ Input: z.string(), Status: z.string() });
const batchInput = z.object({ Items: z.array(z.unknown()) });

function resultOf(entry: unknown): BatchResult {
  const child = unprocessed.safeParse(entry);
  if (!child.success) return batchResultSchema.parse(entry);
  const { Items } = batchInput.parse(JSON.parse(child.data.Input));
  const failures = Items.map((item): Failure => ({
    clientId: typeof item === "string" ? item : JSON.stringify(item),
    reason: "not_processed",
  }));
  return { ...noResult(), failed: failures.length, failures };
}
