/** Findings about what a distributed Map reads from S3, writes to it, and puts into batches. */
import { textOf } from "../wire-text.ts";
import { isObject, type PlainObject } from "./definition.ts";

const READERS: Readonly<Record<string, readonly string[]>> = {
  "arn:aws:states:::s3:getObject": ["CSV", "JSON", "JSONL", "MANIFEST"],
  "arn:aws:states:::s3:listObjectsV2": ["CSV", "JSON", "JSONL"],
};
const READER_FIELDS = [
  "InputType",
  "Transformation",
  "CSVHeaderLocation",
  "CSVHeaders",
  "CSVDelimiter",
  "ItemsPointer",
  "ManifestType",
  "MaxItems",
];
const WRITER = "arn:aws:states:::s3:putObject";

export function checkMapFiles(state: PlainObject, isDistributed: boolean): string[] {
  const { ItemReader: reader, ResultWriter: writer, ItemBatcher: batcher } = state;
  const given = Object.entries({ ItemBatcher: batcher, ItemReader: reader, ResultWriter: writer });
  const misplaced = isDistributed ? [] : given.filter(([, value]) => value !== undefined);
  return [
    ...misplaced.map(([field]) => `${field} needs Mode DISTRIBUTED`),
    ...(reader !== undefined && state["Items"] !== undefined
      ? ["Only one of 'Items' and 'ItemReader' is allowed"]
      : []),
    ...(reader === undefined ? [] : checkReader(reader)),
    ...(writer === undefined ? [] : checkWriter(writer)),
  ];
}

function checkReader(reader: unknown): string[] {
  if (!isObject(reader)) return ["'ItemReader' must be an object"];
  const types = READERS[String(reader["Resource"])];
  if (!types) return [`The local Step Functions has no ItemReader '${String(reader["Resource"])}'`];
  if (!isObject(reader["Arguments"])) return ["'ItemReader' needs 'Arguments'"];
  const config = isObject(reader["ReaderConfig"]) ? reader["ReaderConfig"] : {};
  const { InputType: type, Transformation: transformation = "NONE" } = config;
  const isList = !types.includes("MANIFEST");
  const needsType = !isList || transformation === "LOAD_AND_FLATTEN";
  return [
    ...Object.keys(config)
      .filter((field) => !READER_FIELDS.includes(field))
      .map((field) => `ReaderConfig: field '${field}' is not supported`),
    ...(needsType && !types.includes(String(type)) ? [`InputType must be one of ${types.join(", ")}`] : []),
    ...(["NONE", "LOAD_AND_FLATTEN"].includes(String(transformation)) && (isList || transformation === "NONE")
      ? []
      : ["ReaderConfig: 'Transformation' is not valid"]),
    ...(type === "CSV" && !["FIRST_ROW", "GIVEN"].includes(String(config["CSVHeaderLocation"]))
      ? ["CSVHeaderLocation must be one of FIRST_ROW, GIVEN"]
      : []),
    ...(type === "MANIFEST" && !["S3_INVENTORY", "undefined"].includes(String(config["ManifestType"]))
      ? ["The local Step Functions reads manifests of type S3_INVENTORY only"]
      : []),
  ];
}

function checkWriter(writer: unknown): string[] {
  if (!isObject(writer)) return ["'ResultWriter' must be an object"];
  const { Resource: resource, Arguments: target, WriterConfig: config = {} } = writer;
  const { Transformation: transformation = "NONE", OutputType: type = "JSON" } = isObject(config)
    ? config
    : {};
  return [
    ...(resource === undefined || resource === WRITER
      ? []
      : [`The local Step Functions has no ResultWriter '${textOf(resource)}'`]),
    ...((resource === undefined) === (target === undefined)
      ? []
      : ["'ResultWriter' needs both of 'Resource' and 'Arguments', or only 'WriterConfig'"]),
    ...(["NONE", "COMPACT", "FLATTEN"].includes(String(transformation))
      ? []
      : ["WriterConfig: 'Transformation' is not valid"]),
    ...(["JSON", "JSONL"].includes(String(type)) ? [] : ["WriterConfig: 'OutputType' is not valid"]),
  ];
}
