/** An operation's files in the bucket: the request, and the report. */
import { GetObjectCommand } from "@aws-sdk/client-s3";
import type * as z from "zod/mini";
import { type Operation, operationSchema, type Report, reportSchema } from "../../calls/clean-up.ts";
import { reportKey } from "../../calls/clean-up-runs.ts";
import type { Reading } from "./reading.ts";

/** Undefined until the run has found out what it is to do. */
export const askedFor = (reading: Reading, operationId: string): Promise<Operation | undefined> =>
  parsed(reading, `operations/${operationId}/operation.json`, operationSchema);

/** Of a run that is over. */
export async function reportOf(
  reading: Reading,
  { operationId, run }: { readonly operationId: string; readonly run: number },
  stoppedAtMs: number,
): Promise<Report | undefined> {
  const key = `${operationId} ${run} ${stoppedAtMs}`;
  const known = reading.memory.reports.get(key);
  if (known) return known;
  const report = await parsed(reading, reportKey(operationId, run), reportSchema);
  if (report) reading.memory.reports.set(key, report);
  return report;
}

async function parsed<S extends z.ZodMiniType>(
  { s3, stack }: Reading,
  Key: string,
  schema: S,
): Promise<z.output<S> | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: stack.cleanUpBucket, Key }));
    return schema.parse(JSON.parse((await Body?.transformToString()) ?? ""));
  } catch (error) {
    // Without permission to list the bucket, S3 answers "access denied" for an object that does not exist.
    if (error instanceof Error && error.name === "NoSuchKey") return undefined;
    throw error;
  }
}
