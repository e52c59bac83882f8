/** PutEvents: each entry is taken or refused by itself. An unknown bus takes an event and drops it, as on AWS. */
import { AwsError, type LocalAws, type Json, type Permission, type Shape } from "../local-aws.ts";
import { busNameOf, type EventBuses } from "./event-buses.ts";
import { envelope } from "./event-envelope.ts";

interface Entry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly Resources?: readonly string[];
  readonly EventBusName?: string;
  /** Epoch seconds. */
  readonly Time?: number;
}

const MAX_ENTRIES = 10;
const MAX_BYTES = 1_048_576;
const TIME_BYTES = 14;
const BILLED_CHUNK_BYTES = 65_536;

const entriesOf = (input: Shape): readonly Entry[] => (input["Entries"] ?? []) as Entry[];

export const putEventsPermissions = (localAws: LocalAws, input: Shape): Permission[] =>
  entriesOf(input).map(({ EventBusName: bus }) => ({
    action: "events:PutEvents",
    resource: localAws.arn("events", `event-bus/${busNameOf(bus)}`),
  }));

export function putEvents(localAws: LocalAws, buses: EventBuses, input: Shape): Shape {
  const entries = entriesOf(input);
  refuseWrongSize(entries);
  const Entries = entries.map((entry) => putOne(localAws, buses, entry));
  return { FailedEntryCount: Entries.filter((entry) => "ErrorCode" in entry).length, Entries };
}

function putOne(localAws: LocalAws, buses: EventBuses, entry: Entry): Shape {
  const missing = (["Source", "DetailType", "Detail"] as const).find((name) => !entry[name]);
  if (missing) {
    const ErrorMessage = `Parameter ${missing} is not valid. Reason: ${missing} is a required argument.`;
    return { ErrorCode: "InvalidArgument", ErrorMessage };
  }
  const { Source: source = "", DetailType: detailType = "", Detail = "", Resources: resources = [] } = entry;
  if (source.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  }
  const detail = parseDetail(Detail);
  if (!detail) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  const timeMs = entry.Time === undefined ? undefined : entry.Time * 1000;
  const event = envelope(localAws, { source, detailType, resources, detail, timeMs });
  buses.publish(entry.EventBusName, event);
  localAws.meter("events:event", Math.ceil(sizeOf(entry) / BILLED_CHUNK_BYTES));
  return { EventId: event.id };
}

function parseDetail(text: string): Record<string, Json> | undefined {
  try {
    const detail = JSON.parse(text) as Json;
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

function refuseWrongSize(entries: readonly Entry[]): void {
  if (entries.length < 1 || entries.length > MAX_ENTRIES) {
    const bound = entries.length < 1 ? "greater than or equal to 1" : `less than or equal to ${MAX_ENTRIES}`;
    throw new AwsError(
      "ValidationException",
      `1 validation error detected: Value '[${entries.length} entries]' at 'entries' failed to satisfy constraint: Member must have length ${bound}`,
    );
  }
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) >= MAX_BYTES) {
    throw new AwsError("ValidationException", "Total size of the entries in the request is over the limit.");
  }
}

function sizeOf({ Time, Source = "", DetailType = "", Detail = "", Resources = [] }: Entry): number {
  const text = Source + DetailType + Detail + Resources.join("");
  return (Time === undefined ? 0 : TIME_BYTES) + Buffer.byteLength(text);
}
