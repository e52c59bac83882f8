/** Events about objects on the default bus, from buckets that are told to send them. */
import { randomBytes } from "node:crypto";
import { PERSON, type LocalAws } from "../local-aws.ts";
import type { Bucket, StoredObject } from "./buckets.ts";

export interface ObjectChange {
  readonly detailType: "Object Created" | "Object Deleted";
  /** The API operation. */
  readonly reason: string;
  readonly object: StoredObject;
}

const requestId = (): string => randomBytes(8).toString("hex").toUpperCase();

export function announce(
  localAws: LocalAws,
  bucket: Bucket,
  { detailType, reason, object }: ObjectChange,
): void {
  if (!bucket.notifies) return;
  const events = localAws.services().find(({ name }) => name === "events");
  if (!events?.operations["PutServiceEvent"]) return;
  const isCreated = detailType === "Object Created";
  const detail = {
    version: "0",
    bucket: { name: bucket.name },
    object: {
      key: object.key,
      ...(isCreated ? { size: object.body.length, etag: object.etag.slice(1, -1) } : {}),
      sequencer: localAws.clock.now().toString(16).toUpperCase().padStart(18, "0"),
    },
    "request-id": requestId(),
    requester: localAws.account,
    "source-ip-address": "127.0.0.1",
    reason,
    ...(isCreated ? {} : { "deletion-type": "Permanently Deleted" }),
  };
  const input = { source: "aws.s3", "detail-type": detailType, resources: [bucket.arn], detail };
  const lost = (): void => undefined;
  localAws.call({ service: "events", operation: "PutServiceEvent", input, caller: PERSON }).catch(lost);
}
