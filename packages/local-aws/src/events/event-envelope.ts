/** An event as rules and targets see it. */
import { randomUUID } from "node:crypto";
import type { LocalAws, Json, Shape } from "../local-aws.ts";

export interface EventEnvelope extends Shape {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Json;
}

interface EventContent {
  readonly detailType: string;
  readonly source: string;
  readonly resources: readonly string[];
  readonly detail: Json;
  readonly timeMs?: number | undefined;
}

const eventId = (): string => randomUUID();

export const isoSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

export function envelope(
  localAws: LocalAws,
  { detailType, source, resources, detail, timeMs }: EventContent,
): EventEnvelope {
  return {
    version: "0",
    id: eventId(),
    "detail-type": detailType,
    source,
    account: localAws.account,
    time: isoSeconds(timeMs ?? localAws.clock.now()),
    region: localAws.region,
    resources,
    detail,
  };
}
