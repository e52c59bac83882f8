/** A payload and the headers of a push as APNs reads them. */
import * as z from "zod";
import { alertOf, type Content, parseJson, refuse } from "./push-content.ts";

const LONGEST_COLLAPSE_ID_BYTES = 64;

const alert = z.union([
  z.string().transform((body) => ({ title: undefined, body })),
  z.object({ title: z.string().optional(), body: z.string().optional() }),
]);
const payloadSchema = z.looseObject({
  aps: z.looseObject({
    alert: alert.optional(),
    "content-available": z.literal([0, 1], "content-available must be 0 or 1").optional(),
  }),
});

export type ApnsPayload = Pick<Content, "data" | "alert" | "aps"> & {
  readonly silent: boolean;
  readonly contentAvailable?: 0 | 1 | undefined;
};

export function apnsPayload(text: string, what: string): ApnsPayload {
  const { aps, ...own } = parseJson(payloadSchema, text, what);
  const data = Object.entries(own).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return {
    silent: aps["content-available"] === 1 && !aps.alert,
    contentAvailable: aps["content-available"],
    data: Object.fromEntries(data),
    aps: apsIn(text),
    ...alertOf(aps.alert?.title, aps.alert?.body),
  };
}

/** Before it is read: an alert may be a text. */
const apsIn = (text: string): Readonly<Record<string, unknown>> =>
  // The payload has been checked to have one.
  (JSON.parse(text) as { readonly aps: Record<string, unknown> }).aps;

export interface ApnsHeaders {
  readonly pushType: string;
  readonly priority: string;
  readonly voip: boolean;
  readonly collapseId: string | undefined;
}

export function checkApnsHeaders({ pushType, priority, voip, collapseId = "" }: ApnsHeaders): void {
  if (voip !== (pushType === "voip")) {
    refuse(400, `InvalidPushType: ${pushType} on ${voip ? "a" : "no"} VoIP topic`);
  }
  if (pushType === "background" && priority === "10")
    refuse(400, "BadPriority: a background push must use 5");
  if (Buffer.byteLength(collapseId) > LONGEST_COLLAPSE_ID_BYTES) refuse(400, "BadCollapseId");
}
