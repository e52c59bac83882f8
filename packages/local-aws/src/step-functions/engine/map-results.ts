/**
 * What the children of a Map Run gave: the output of the Map, or files in S3 if it has a ResultWriter.
 *
 * M1 The Map's own output is in the order of the items and at most 256 KiB; a failure that was tolerated leaves nothing in it.
 * M2 Files are written as they fill, in the order in which children end. The manifest, which names them, is written last.
 */
import { AwsError, type Json, type Shape } from "../../local-aws.ts";
import type { ResultWriter } from "../definition/definition.ts";
import type { MapResults } from "../map-runs.ts";
import { redriveOf } from "../redrive.ts";
import { statusOf, type Execution } from "./execution.ts";
import { isoTime } from "./timer.ts";
import { DATA_LIMIT_EXCEEDED, StateError } from "./state-error.ts";
import { evaluate, type Visit } from "./visit.ts";

/** More than this cannot be the output of a state. What is larger is not kept. */
const MOST_OUTPUT_BYTES = 256 * 1024;
/** A file is closed once it has this much. */
const FILE_BYTES = 32 * 1024 * 1024;
const FAILED = "States.ResultWriterFailed";

type Kind = "SUCCEEDED" | "FAILED" | "PENDING";

export async function createMapResults(visit: Visit): Promise<MapResults> {
  const { ResultWriter: writer } = visit.state;
  if (!writer?.Resource) return collected(visit, writer);
  const target = (await evaluate(visit, "ResultWriter/Arguments", writer.Arguments ?? {})) as Shape;
  return written(visit, writer, { bucket: String(target["Bucket"]), prefix: prefixOf(target["Prefix"]) });
}

const prefixOf = (prefix: unknown): string =>
  typeof prefix !== "string" || prefix === "" ? "" : `${prefix.replace(/\/$/, "")}/`;

function collected(visit: Visit, writer: ResultWriter | undefined): MapResults {
  const outputs = new Map<number, string>();
  const shape = shapeOf(writer?.WriterConfig?.Transformation ?? "COMPACT", visit);
  let bytes = 0;
  return {
    add(index, child) {
      if (child.ended?.output === undefined) return;
      const text = JSON.stringify(shape(child));
      bytes += Buffer.byteLength(text) + 1;
      if (bytes <= MOST_OUTPUT_BYTES) outputs.set(index, text);
    },
    addPending: () => undefined,
    writeFull: () => Promise.resolve(),
    close: () => Promise.resolve(),
    output() {
      if (bytes > MOST_OUTPUT_BYTES) {
        const cause = `The state/task '${visit.name}' returned a result with a size exceeding the maximum number of bytes service limit.`;
        throw new StateError(DATA_LIMIT_EXCEEDED, cause);
      }
      const inOrder = [...outputs].toSorted(([one], [other]) => one - other);
      const values = inOrder.map(([, text]) => JSON.parse(text) as Json);
      return writer?.WriterConfig?.Transformation === "FLATTEN" ? values.flat() : values;
    },
  };
}

interface ResultTarget {
  readonly bucket: string;
  readonly prefix: string;
}

interface OpenFile {
  entries: string[];
  bytes: number;
  closed: { Key: string; Size: number }[];
}

const KINDS: readonly Kind[] = ["FAILED", "PENDING", "SUCCEEDED"];

function written(visit: Visit, { WriterConfig = {} }: ResultWriter, target: ResultTarget): MapResults {
  const { Transformation: transformation = "NONE", OutputType: type = "JSON" } = WriterConfig;
  const shape = shapeOf(transformation, visit);
  const newFile = (): OpenFile => ({ entries: [], bytes: 0, closed: [] });
  const files: Record<Kind, OpenFile> = { SUCCEEDED: newFile(), FAILED: newFile(), PENDING: newFile() };

  async function flush(kind: Kind, folder: string): Promise<void> {
    const { entries, closed } = files[kind];
    if (entries.length === 0) return;
    const Body = type === "JSONL" ? `${entries.join("\n")}\n` : `[${entries.join(",")}]`;
    const Key = `${folder}${kind}_${closed.length}.${type.toLowerCase()}`;
    await putObject(visit, target.bucket, Key, Body);
    closed.push({ Key, Size: Buffer.byteLength(Body) });
    files[kind] = { ...newFile(), closed };
  }

  function add(kind: Kind, value: Json): void {
    const values = transformation === "FLATTEN" && Array.isArray(value) ? value : [value];
    for (const text of values.map((one) => JSON.stringify(one))) {
      files[kind].entries.push(text);
      files[kind].bytes += text.length;
    }
  }

  return {
    add(_index, child) {
      if (statusOf(child) === "SUCCEEDED") add("SUCCEEDED", shape(child));
      else add("FAILED", metadataOf(child, visit));
    },
    addPending: (input) =>
      add("PENDING", { Input: JSON.stringify(input), InputDetails: { Included: true }, Status: "PENDING" }),
    async writeFull(mapRunArn) {
      const full = KINDS.filter((kind) => files[kind].bytes >= FILE_BYTES);
      for (const kind of full) await flush(kind, folderOf(target, mapRunArn));
    },
    async close(mapRunArn) {
      const folder = folderOf(target, mapRunArn);
      for (const kind of KINDS) await flush(kind, folder);
      const ResultFiles = Object.fromEntries(KINDS.map((kind) => [kind, files[kind].closed]));
      const manifest = { DestinationBucket: target.bucket, MapRunArn: mapRunArn, ResultFiles };
      await putObject(visit, target.bucket, `${folder}manifest.json`, JSON.stringify(manifest));
      // After a redrive another manifest tells of what has failed then.
      files.FAILED = newFile();
      files.PENDING = newFile();
    },
    output: (mapRunArn) => ({
      MapRunArn: mapRunArn,
      ResultWriterDetails: { Bucket: target.bucket, Key: `${folderOf(target, mapRunArn)}manifest.json` },
    }),
  };
}

const folderOf = ({ prefix }: ResultTarget, mapRunArn: string): string =>
  `${prefix}${mapRunArn.split(":").at(-1) ?? ""}/`;

async function putObject({ scope }: Visit, Bucket: string, Key: string, Body: string): Promise<void> {
  const caller = { kind: "role", arn: scope.execution.machine.roleArn } as const;
  try {
    const input = { Bucket, Key, Body };
    await scope.engine.localAws.call({ service: "s3", operation: "PutObject", input, caller });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { code, message, status } = error;
    throw new StateError(FAILED, `${message} (Service: S3, Status Code: ${status}, Error Code: ${code})`);
  }
}

/** NONE: the child with all that is known of it. COMPACT and FLATTEN: its output. */
const shapeOf =
  (transformation: string, visit: Visit) =>
  (child: Execution): Json =>
    transformation === "NONE"
      ? metadataOf(child, visit)
      : (JSON.parse(child.ended?.output ?? "null") as Json);

function metadataOf(child: Execution, { scope }: Visit): Json {
  const { arn, name, machine, inputText, startedAtMs, ended, redrives } = child;
  const { redriveStatus, redriveStatusReason } = redriveOf(child, scope.engine.localAws.clock.now());
  const isStandard = machine.type === "STANDARD";
  const known = {
    Cause: ended?.cause,
    Error: ended?.error,
    ExecutionArn: arn,
    Input: inputText,
    InputDetails: { Included: true },
    Name: name,
    Output: ended?.output,
    OutputDetails: ended?.output === undefined ? undefined : { Included: true },
    RedriveCount: isStandard ? redrives.length : undefined,
    RedriveStatus: isStandard ? redriveStatus : undefined,
    RedriveStatusReason: isStandard ? redriveStatusReason : undefined,
    StartDate: isoTime(startedAtMs),
    StateMachineArn: machine.arn,
    Status: statusOf(child),
    StopDate: ended ? isoTime(ended.atMs) : undefined,
  };
  // JSON leaves out what is undefined, and the rest has its shape.
  return JSON.parse(JSON.stringify(known)) as Json;
}
