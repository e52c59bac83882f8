/** AWS::S3::Bucket and AWS::S3::BucketPolicy. */
import * as z from "zod";
import type { LocalAws } from "../local-aws.ts";
import { parsePolicy, type Statement } from "../iam/policy-statement.ts";
import type { ResourceRequest, ResourceTypes } from "../resource.ts";
import type { Buckets } from "./buckets.ts";

/** Configurations that send events elsewhere need services that are not here. */
const notifications = z.strictObject({
  EventBridgeConfiguration: z
    .strictObject({ EventBridgeEnabled: z.union([z.boolean(), z.stringbool()]).default(true) })
    .optional(),
});

const policies = z.object({
  Bucket: z.string(),
  PolicyDocument: z.object({ Statement: z.array(z.record(z.string(), z.unknown())) }),
});

const LONGEST_NAME = 63;

export function bucketResources(localAws: LocalAws, buckets: Buckets): ResourceTypes {
  function create(request: ResourceRequest) {
    const { properties } = request;
    const given = properties["BucketName"] as string | undefined;
    const name = given ?? request.physicalName(LONGEST_NAME).toLowerCase();
    const { EventBridgeConfiguration: events } = notifications.parse(
      properties["NotificationConfiguration"] ?? {},
    );
    const bucket = request.before ? buckets.get(name) : buckets.add(name, localAws.clock.now());
    bucket.notifies = events?.EventBridgeEnabled ?? false;
    const domain = `${name}.s3.${localAws.region}.amazonaws.com`;
    const attributes = { Arn: bucket.arn, DomainName: domain, RegionalDomainName: domain };
    return { ref: name, attributes };
  }
  return {
    "AWS::S3::Bucket": {
      honoured: ["BucketName", "NotificationConfiguration"],
      ignored: [
        "BucketEncryption",
        "LifecycleConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "Tags",
      ],
      replacedBy: ["BucketName"],
      namedBy: "BucketName",
      remove: (name) => buckets.remove(name),
      create,
    },
    "AWS::S3::BucketPolicy": {
      honoured: ["Bucket", "PolicyDocument"],
      create(request) {
        const { Bucket: name, PolicyDocument: document } = policies.parse(request.properties);
        const bucket = buckets.get(name);
        bucket.denied = document.Statement.flatMap((statement) => deniedBy(statement, localAws));
        return { ref: request.physicalName() };
      },
      renewedBy: ["Bucket"],
      remove(_ref, { Bucket: name }) {
        const bucket = buckets.all().find((one) => one.name === name);
        if (bucket) bucket.denied = [];
      },
    },
  };
}

/** Callers of the same account need no permission from the bucket; what it denies to every principal counts. */
function deniedBy(
  { Principal: principal, ...statement }: Record<string, unknown>,
  localAws: LocalAws,
): Statement[] {
  if (statement["Effect"] !== "Deny") return [];
  const isEverybody = principal === "*" || (principal as { AWS?: unknown } | undefined)?.AWS === "*";
  if (!isEverybody)
    throw new Error("a bucket policy that denies to some only is not part of the local runtime");
  return parsePolicy(
    { Statement: statement },
    { "aws:SecureTransport": "true", "aws:PrincipalAccount": localAws.account },
  );
}
