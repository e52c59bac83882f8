/** Deploys a cloud assembly as the CDK CLI does: files into the bucket of the bootstrap, its version, CreateStack, wait. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
} from "@aws-sdk/client-cloudformation";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import * as z from "zod";
import { askJson } from "../signed-requests.ts";
import { type Emulator, waitFor } from "./emulator.ts";
import type { Steps } from "./steps.ts";
import { zipOf } from "./zip.ts";

const source = z.object({ path: z.string(), packaging: z.enum(["zip", "file"]) });
const destination = z.object({ bucketName: z.string(), objectKey: z.string() });
const assets = z.object({
  files: z.record(z.string(), z.object({ source, destinations: z.record(z.string(), destination) })),
});

export interface Assembly {
  readonly directory: string;
  readonly stackName: string;
  /** Parameter that holds the bootstrap's version. */
  readonly bootstrapParameter: string;
}

export type Outputs = Readonly<Record<string, string>>;

/** At least the version that a present template needs. */
const BOOTSTRAP_VERSION = "30";
const STACK_WAIT_MS = 600_000;

/** Undefined if the stack was not created. */
export async function deploy(
  emulator: Emulator,
  { directory, stackName, bootstrapParameter }: Assembly,
  steps: Steps,
): Promise<Outputs | undefined> {
  const TemplateURL = await steps.play("Upload code and template", () =>
    upload(emulator, directory, stackName),
  );
  await steps.play("Leave the bootstrap's version", async () => {
    const input = { Name: bootstrapParameter, Value: BOOTSTRAP_VERSION, Type: "String", Overwrite: true };
    await askJson(emulator.send, { host: "ssm", service: "ssm", target: "AmazonSSM.PutParameter", input });
    return { value: true, said: `${bootstrapParameter} is ${BOOTSTRAP_VERSION}` };
  });
  if (TemplateURL === undefined) {
    steps.skip("Create the stack");
    return undefined;
  }
  return steps.play("Create the stack", () => create(emulator, stackName, TemplateURL));
}

/** The address of the template. */
async function upload({ s3, endpoint, account, region }: Emulator, directory: string, stackName: string) {
  const { files } = assets.parse(
    JSON.parse(readFileSync(join(directory, `${stackName}.assets.json`), "utf8")),
  );
  const made = new Set<string>();
  let template = "";
  for (const { source: from, destinations } of Object.values(files)) {
    const [to] = Object.values(destinations);
    if (!to) continue;
    const Bucket = to.bucketName.replace("${AWS::AccountId}", account).replace("${AWS::Region}", region);
    if (!made.has(Bucket)) await s3.send(new CreateBucketCommand({ Bucket })).catch(ignoreExisting);
    made.add(Bucket);
    const path = join(directory, from.path);
    const Body = from.packaging === "zip" ? zipOf(path) : readFileSync(path);
    await s3.send(new PutObjectCommand({ Bucket, Key: to.objectKey, Body }));
    if (from.path.endsWith(".template.json")) template = `${endpoint}/${Bucket}/${to.objectKey}`;
  }
  if (template === "") throw new Error(`${directory} names no template among its files`);
  return { value: template, said: `${Object.keys(files).length} files` };
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error) || !/BucketAlready/.test(error.name)) throw error;
}

async function create({ cloudFormation, waiting }: Emulator, StackName: string, TemplateURL: string) {
  const Capabilities = ["CAPABILITY_IAM" as const, "CAPABILITY_NAMED_IAM" as const];
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateURL, Capabilities }));
  const stack = await waitFor(waiting, STACK_WAIT_MS, async (): Promise<Stack | undefined> => {
    const { Stacks: [found] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return found?.StackStatus?.endsWith("_IN_PROGRESS") ? undefined : found;
  });
  if (stack?.StackStatus !== "CREATE_COMPLETE") {
    const reasons = await reasonsOf({ cloudFormation }, StackName).catch(() => []);
    throw new Error(
      [`the stack is ${stack?.StackStatus ?? "still being created"}`, ...reasons].join("\n            "),
    );
  }
  const outputs = (stack.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [
    OutputKey,
    OutputValue,
  ]);
  return { value: Object.fromEntries(outputs) as Outputs, said: "CREATE_COMPLETE" };
}

/** Resources that failed, each with what the emulator said of it; the first is the cause. */
async function reasonsOf({ cloudFormation }: Pick<Emulator, "cloudFormation">, StackName: string) {
  const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith("_FAILED"))
    .toReversed()
    .map(
      ({ ResourceType, LogicalResourceId, ResourceStatusReason = "" }) =>
        `${ResourceType} ${LogicalResourceId}: ${ResourceStatusReason}`,
    );
}
