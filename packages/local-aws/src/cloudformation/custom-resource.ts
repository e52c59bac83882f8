/** Custom resources: the function behind ServiceToken is invoked and answers with a PUT to a pre-signed address. */
import { randomUUID } from "node:crypto";
import { AwsError, PERSON, type LocalAws, type Json, type Service, type Shape } from "../local-aws.ts";
import type { CreatedResource, ResourceRequest } from "../resource.ts";

interface Answer {
  readonly Status: "SUCCESS" | "FAILED";
  readonly Reason?: string;
  readonly PhysicalResourceId?: string;
  readonly Data?: Record<string, unknown>;
}

export interface CustomResources {
  /** Takes what functions send to their ResponseURL. */
  readonly service: Service;
  /** While the runtime starts nothing else moves virtual time: a function that waits would wait for ever. */
  drivesTime: boolean;
  create(resource: CustomResource): Promise<CreatedResource>;
  /** `before` is what the function answered when the resource was made. Another id is another resource: the old one is still there. */
  update(resource: CustomResource, before: MadeResource): Promise<CreatedResource>;
  remove(resource: Omit<CustomResource, "request">, before: MadeResource): Promise<void>;
}

export interface CustomResource {
  readonly type: string;
  readonly logicalId: string;
  readonly stackId: string;
  readonly request: ResourceRequest;
}

export interface MadeResource {
  readonly ref: string;
  readonly properties: Shape;
}

/** CloudFormation's default ServiceTimeout. */
const SERVICE_TIMEOUT_MS = 3_600_000;

const newRequestId = (): string => randomUUID();

export function createCustomResources(localAws: LocalAws): CustomResources {
  const answers = new Map<string, Answer>();
  const customResources: CustomResources = {
    drivesTime: true,
    service: {
      name: "cloudformation",
      operations: {
        // The address is pre-signed: it is the permission to answer.
        AnswerCustomResource: {
          permissions: () => [],
          run({ RequestId, Answer }) {
            if (typeof RequestId !== "string" || !Answer)
              throw new AwsError("ValidationError", "an answer needs its request's id");
            answers.set(RequestId, Answer as Answer);
            return {};
          },
        },
      },
    },
    async create(resource) {
      const answer = await ask(resource, "Create", resource.request.properties);
      const ref = answer.PhysicalResourceId ?? resource.request.physicalName();
      return { ref, attributes: answer.Data ?? {} };
    },
    async update(resource, before) {
      const { properties } = resource.request;
      const answer = await ask(resource, "Update", properties, {
        PhysicalResourceId: before.ref,
        OldResourceProperties: asText(before.properties as Json),
      });
      return { ref: answer.PhysicalResourceId ?? before.ref, attributes: answer.Data ?? {} };
    },
    async remove(resource, { ref: PhysicalResourceId, properties }) {
      await ask(resource, "Delete", properties, { PhysicalResourceId });
    },
  };
  return customResources;

  async function ask(
    { type, logicalId, stackId }: Omit<CustomResource, "request">,
    RequestType: "Create" | "Update" | "Delete",
    properties: Shape,
    more: Record<string, Json> = {},
  ): Promise<Answer> {
    const RequestId = newRequestId();
    const event = {
      RequestType,
      ResponseURL: responseUrl(localAws.region, RequestId),
      StackId: stackId,
      RequestId,
      LogicalResourceId: logicalId,
      ResourceType: type,
      ResourceProperties: asText(properties as Json),
      ...more,
    };
    await invoke(localAws, properties["ServiceToken"] as string, event, customResources.drivesTime);
    const answer = answers.get(RequestId);
    if (!answer) throw new Error("its function ended without an answer to the ResponseURL");
    if (answer.Status !== "SUCCESS")
      throw new Error(
        `Received response status [${answer.Status}] from custom resource. Message returned: ${answer.Reason} (RequestId: ${RequestId})`,
      );
    return answer;
  }
}

function responseUrl(region: string, requestId: string): string {
  const host = `cloudformation-custom-resource-response-${region.replaceAll("-", "")}.s3.amazonaws.com`;
  return `https://${host}/${requestId}?X-Amz-Signature=local`;
}

/** CloudFormation hands every property over as text. */
function asText(value: Json): Json {
  if (Array.isArray(value)) return value.map(asText);
  if (value === null || typeof value !== "object") return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asText(member)]));
}

/** Waits for the function itself, so that one that throws fails the start at once and not after an hour. */
async function invoke(
  localAws: LocalAws,
  functionArn: string,
  event: Json,
  drivesTime: boolean,
): Promise<void> {
  let settled = false;
  const input = { FunctionName: functionArn, InvocationType: "RequestResponse", Payload: event };
  const call = localAws
    .call({ service: "lambda", operation: "Invoke", input, caller: PERSON })
    .finally(() => (settled = true));
  // Virtual time must move while the function waits, for instance between retries of its SDK.
  const moved = drivesTime ? localAws.clock.until(() => settled, SERVICE_TIMEOUT_MS) : undefined;
  const [reply] = await Promise.all([call, moved]);
  if (reply["FunctionError"]) throw new Error(`its function failed: ${JSON.stringify(reply["Payload"])}`);
}
