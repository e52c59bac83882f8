/** Writes what the AWS port answers into OPERATIONS.md, read from the running services. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, virtualClock } from "./src/clock.ts";
import type { Service } from "./src/local-aws.ts";
import { type Runtime, startRuntime } from "./src/runtime.ts";
import { isInternal } from "./src/wire/internal-operations.ts";

export const OPERATIONS = join(import.meta.dirname, "OPERATIONS.md");

const BEGIN = "<!-- operations:begin -->\n";
const END = "<!-- operations:end -->";

/** By name at local AWS, which is the IAM prefix: AWS's name of the service, and its folder here. */
const SERVICES: Readonly<Record<string, readonly [title: string, folder: string]>> = {
  cloudformation: ["CloudFormation", "cloudformation"],
  "cognito-idp": ["Cognito user pools", "cognito"],
  dynamodb: ["DynamoDB", "dynamodb"],
  events: ["EventBridge", "events"],
  ivs: ["IVS Real-Time", "ivs-realtime"],
  lambda: ["Lambda", "lambda"],
  logs: ["CloudWatch Logs", "logs"],
  mobiletargeting: ["Pinpoint", "pinpoint"],
  s3: ["S3", "s3"],
  scheduler: ["EventBridge Scheduler", "scheduler"],
  secretsmanager: ["Secrets Manager", "secrets-manager"],
  servicequotas: ["Service Quotas", "service-quotas"],
  ses: ["SES", "ses"],
  sqs: ["SQS", "sqs"],
  ssm: ["Systems Manager", "ssm"],
  states: ["Step Functions", "step-functions"],
  sts: ["STS", "sts"],
};

/** The operations that AWS has too, in alphabetical order. */
export const publicOperations = ({ name, operations }: Service): string[] =>
  Object.keys(operations)
    .filter((operation) => !isInternal(name, operation))
    .toSorted();

/** The text with its table replaced by the one of these services. */
export function withOperations(text: string, services: readonly Service[]): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`OPERATIONS.md must have ${BEGIN.trim()} and ${END}`);
  return `${before}${BEGIN}${tableOf(services)}${END}${after}`;
}

function tableOf(services: readonly Service[]): string {
  const rows = services
    .filter((service) => publicOperations(service).length > 0)
    .map((service) => {
      const known = SERVICES[service.name];
      if (!known) throw new Error(`print-operations.ts has no title for the service ${service.name}`);
      const [title, folder] = known;
      return `| [${title}](src/${folder}/README.md) | \`${service.name}\` | ${publicOperations(service).join(", ")} |\n`;
    });
  return `| Service | IAM prefix | Operations |\n| --- | --- | --- |\n${rows.toSorted().join("")}`;
}

/** A runtime with every service and an empty stack: which operations there are does not depend on the template. */
export async function runtimeWithoutStack(clock: Clock): Promise<Runtime> {
  const assembly = mkdtempSync(join(tmpdir(), "local-aws-empty-"));
  try {
    writeFileSync(join(assembly, "Empty.template.json"), JSON.stringify({ Resources: {} }));
    writeFileSync(join(assembly, "Empty.assets.json"), JSON.stringify({ files: {} }));
    return await startRuntime({ assembly, clock, lazyFunctions: true });
  } finally {
    rmSync(assembly, { recursive: true });
  }
}

async function main(): Promise<void> {
  const clock = virtualClock();
  const runtime = await runtimeWithoutStack(clock);
  const text = readFileSync(OPERATIONS, "utf8");
  writeFileSync(OPERATIONS, withOperations(text, runtime.localAws.services()));
  runtime.stop();
  clock.dispose();
}

if (import.meta.main) await main();
