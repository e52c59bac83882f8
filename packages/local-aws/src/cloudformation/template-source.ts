/** The template and the parameters of a request, and what CloudFormation refuses before it makes anything. */
import { AwsError, type LocalAws, PERSON } from "../local-aws.ts";
import type { Template } from "./assembly.ts";
import { creationOrder, needsOf } from "./creation-order.ts";

export interface TemplateRequest {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly Parameters?: readonly {
    readonly ParameterKey: string;
    readonly ParameterValue?: string | undefined;
  }[];
  readonly Capabilities?: readonly string[] | undefined;
}

const MOST_BODY_BYTES = 51_200;
const MOST_URL_BYTES = 1_048_576;

export const refuse = (message: string): AwsError => new AwsError("ValidationError", message);

export async function readTemplate(localAws: LocalAws, request: TemplateRequest): Promise<Template> {
  const { TemplateBody: body, TemplateURL: url } = request;
  if ((body === undefined) === (url === undefined))
    throw refuse("Either Template URL or Template Body must be specified.");
  if (body !== undefined && Buffer.byteLength(body) > MOST_BODY_BYTES) {
    throw refuse(
      "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: " +
        `Member must have length less than or equal to ${MOST_BODY_BYTES}`,
    );
  }
  const template = parsed(body ?? (await objectAt(localAws, url ?? "")));
  checkReferences(template);
  checkCapabilities(template, request.Capabilities ?? []);
  return template;
}

/** The local runtime reads templates in JSON, which is what the CDK writes. */
function parsed(text: string): Template {
  if (Buffer.byteLength(text) > MOST_URL_BYTES)
    throw refuse(`Template may not exceed ${MOST_URL_BYTES} bytes in size.`);
  let template: unknown;
  try {
    template = JSON.parse(text);
  } catch {
    throw refuse("Template format error: JSON not well-formed.");
  }
  const { Resources: resources } = (template ?? {}) as { Resources?: unknown };
  if (typeof resources !== "object" || resources === null || Object.keys(resources).length === 0)
    throw refuse("Template format error: At least one Resources member must be defined.");
  return template as Template;
}

/** `https://bucket.s3.…/key` or `https://any.host/bucket/key`. */
async function objectAt(localAws: LocalAws, url: string): Promise<string> {
  if (!URL.canParse(url)) throw refuse("TemplateURL must be a supported URL.");
  const { hostname, pathname } = new URL(url);
  const [, ownBucket] = /^(.+)\.s3[.-]/.exec(hostname) ?? [];
  const [, inPath = "", rest = ""] = /^\/([^/]*)\/?(.*)$/.exec(pathname) ?? [];
  const key = ownBucket === undefined ? rest : pathname.slice(1);
  const input = { Bucket: ownBucket ?? inPath, Key: decodeURIComponent(key) };
  try {
    const { Body } = await localAws.call({ service: "s3", operation: "GetObject", input, caller: PERSON });
    return Buffer.from(Body as Uint8Array).toString("utf8");
  } catch (error) {
    if (error instanceof AwsError) throw refuse(`S3 error: ${error.message}`);
    throw error;
  }
}

function checkReferences({ Resources: resources, Parameters: parameters = {} }: Template): void {
  const known = (id: string): boolean => id.startsWith("AWS::") || id in resources || id in parameters;
  const missing = new Set(
    Object.values(resources)
      .flatMap(needsOf)
      .filter((id) => !known(id)),
  );
  if (missing.size > 0) {
    throw refuse(
      `Template format error: Unresolved resource dependencies [${[...missing].join(", ")}] in the Resources block of the template`,
    );
  }
  try {
    creationOrder(resources);
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

const NAME_OF_IAM = ["RoleName", "ManagedPolicyName", "UserName", "GroupName"];

function checkCapabilities({ Resources: resources }: Template, given: readonly string[]): void {
  const iam = Object.values(resources).filter(({ Type }) => Type.startsWith("AWS::IAM::"));
  const isNamed = iam.some(({ Properties = {} }) => NAME_OF_IAM.some((name) => name in Properties));
  if (iam.length === 0 || given.includes("CAPABILITY_NAMED_IAM")) return;
  if (!isNamed && given.includes("CAPABILITY_IAM")) return;
  const needed = isNamed ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM";
  throw new AwsError("InsufficientCapabilitiesException", `Requires capabilities : [${needed}]`);
}

export function readParameters(
  template: Template,
  { Parameters = [] }: TemplateRequest,
): Record<string, string> {
  const known = template.Parameters ?? {};
  const given = Object.fromEntries(
    Parameters.map(({ ParameterKey, ParameterValue = "" }) => [ParameterKey, ParameterValue]),
  );
  const unknown = Object.keys(given).filter((name) => !(name in known));
  if (unknown.length > 0) throw refuse(`Parameters: [${unknown.join(", ")}] do not exist in the template`);
  const missing = Object.entries(known).filter(
    ([name, { Default }]) => Default === undefined && !(name in given),
  );
  if (missing.length > 0)
    throw refuse(`Parameters: [${missing.map(([name]) => name).join(", ")}] must have values`);
  return given;
}
