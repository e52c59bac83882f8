/** AWS::SQS::Queue (standard queues only) and AWS::SQS::QueuePolicy. */
import type { Shape } from "../local-aws.ts";
import { nameOf, type ResourceRequest, type ResourceType, type ResourceTypes } from "../resource.ts";
import { type PolicyDocument, refuseUnknownPolicy } from "../iam/resource-policy.ts";
import type { QueueSettings } from "./queue.ts";
import { queueNameOf, type Queues } from "./queues.ts";

export function queueResources(queues: Queues): ResourceTypes {
  const queue: ResourceType = {
    honoured: [
      "QueueName",
      "DelaySeconds",
      "VisibilityTimeout",
      "MessageRetentionPeriod",
      "MaximumMessageSize",
      "ReceiveMessageWaitTimeSeconds",
      "RedrivePolicy",
    ],
    ignored: [
      "KmsDataKeyReusePeriodSeconds",
      "KmsMasterKeyId",
      "RedriveAllowPolicy",
      "SqsManagedSseEnabled",
      "Tags",
    ],
    replacedBy: ["QueueName"],
    namedBy: "QueueName",
    taken: (request) => queues.all().find(({ name }) => name === nameOf(request, "QueueName", 80))?.url,
    remove: (url) => queues.remove(queueNameOf(url)),
    create(request: ResourceRequest) {
      const { properties } = request;
      const name = nameOf(request, "QueueName", 80);
      const { url, arn } = queues.add(name, settingsOf(properties));
      return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
    },
  };
  const policy: ResourceType = {
    honoured: ["Queues", "PolicyDocument"],
    create(request: ResourceRequest) {
      const { properties } = request;
      const document = properties["PolicyDocument"] as PolicyDocument;
      refuseUnknownPolicy(document);
      for (const url of properties["Queues"] as string[]) queues.byName(queueNameOf(url)).policy = document;
      const id = request.physicalName();
      return { ref: id, attributes: { Id: id } };
    },
    remove(_ref, { Queues: urls = [] }) {
      for (const queue of queues.all()) if ((urls as string[]).includes(queue.url)) queue.policy = undefined;
    },
  };
  return { "AWS::SQS::Queue": queue, "AWS::SQS::QueuePolicy": policy };
}

function settingsOf(properties: Shape): QueueSettings {
  const redrive = properties["RedrivePolicy"] as QueueSettings["redrive"];
  const number = (name: string, otherwise: number): number => Number(properties[name] ?? otherwise);
  return {
    delaySeconds: number("DelaySeconds", 0),
    visibilityTimeoutSeconds: number("VisibilityTimeout", 30),
    retentionSeconds: number("MessageRetentionPeriod", 4 * 86_400),
    receiveWaitSeconds: number("ReceiveMessageWaitTimeSeconds", 0),
    maximumMessageBytes: number("MaximumMessageSize", 1_048_576),
    redrive: redrive && { ...redrive, maxReceiveCount: Number(redrive.maxReceiveCount) },
  };
}
