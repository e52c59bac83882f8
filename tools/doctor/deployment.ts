/** What would be deployed, read from the synthesized template: what it needs of an account. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";

const resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
const template = z.object({
  Resources: z.record(z.string(), resource),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
});
const manifest = z.object({
  artifacts: z.record(z.string(), z.object({ type: z.string(), properties: z.unknown() })),
});
const stackProperties = z.object({
  stackName: z.string().optional(),
  templateFile: z.string(),
  requiresBootstrapStackVersion: z.number(),
  bootstrapStackVersionSsmParameter: z.string(),
});

type Resource = z.infer<typeof resource>;

export interface Deployment {
  readonly stackName: string;
  readonly bootstrap: { readonly parameter: string; readonly version: number };
  /** Physical names that the template fixes, by type of resource. */
  readonly names: readonly { readonly type: string; readonly name: string }[];
  readonly minStages: number;
  readonly maxStages: number;
  /** Whether a key for participant tokens is imported into IVS. */
  readonly importsKey: boolean;
  readonly makesPinpointApp: boolean;
  /** Whether mail goes out by SES and not by Cognito's own sender. */
  readonly mailsBySes: boolean;
  /** Of functions, all reserved concurrency together. */
  readonly reservedConcurrency: number;
  /** How many functions the readers of queues may take together. */
  readonly queueReaders: number;
}

const MAPPED = z.object({ ScalingConfig: z.object({ MaximumConcurrency: z.number() }) });
const RESERVED = z.object({ ReservedConcurrentExecutions: z.number() });
const BY_SES = z.object({ EmailConfiguration: z.object({ EmailSendingAccount: z.literal("DEVELOPER") }) });
const POOL = z.object({ MinStages: z.coerce.number() });

/** `directory`: a cloud assembly of one stack. */
export function readDeployment(directory: string): Deployment {
  const { artifacts } = manifest.parse(readJson(directory, "manifest.json"));
  const [found] = Object.entries(artifacts).filter(([, { type }]) => type === "aws:cloudformation:stack");
  if (!found) throw new Error(`${directory} holds no stack`);
  const [id, { properties }] = found;
  const stack = stackProperties.parse(properties);
  const { Resources, Outputs } = template.parse(readJson(directory, stack.templateFile));
  const all = Object.values(Resources);
  const of = (type: string): Resource[] => all.filter(({ Type }) => Type === type);
  const [pool] = of("Custom::StagePool");
  return {
    stackName: stack.stackName ?? id,
    bootstrap: {
      parameter: stack.bootstrapStackVersionSsmParameter,
      version: stack.requiresBootstrapStackVersion,
    },
    names: all.flatMap(namesOf),
    minStages: pool ? POOL.parse(pool.Properties).MinStages : 0,
    maxStages: Number(Outputs["MaxStages"]?.Value ?? 0),
    importsKey: of("Custom::SigningKey").length > 0,
    makesPinpointApp: of("AWS::Pinpoint::App").length > 0,
    mailsBySes: of("AWS::Cognito::UserPool").some((one) => BY_SES.safeParse(one.Properties).success),
    reservedConcurrency: sum(
      all.map((one) => RESERVED.safeParse(one.Properties).data?.ReservedConcurrentExecutions),
    ),
    queueReaders: sum(
      of("AWS::Lambda::EventSourceMapping").map(
        (one) => MAPPED.safeParse(one.Properties).data?.ScalingConfig.MaximumConcurrency,
      ),
    ),
  };
}

/** The property that names a resource of this type, where two of one name cannot be. */
const NAMED_BY: Readonly<Record<string, string>> = {
  "AWS::Events::EventBus": "Name",
  "AWS::Events::Rule": "Name",
  "AWS::Lambda::Function": "FunctionName",
  "AWS::Logs::LogGroup": "LogGroupName",
  "AWS::SQS::Queue": "QueueName",
  "AWS::Scheduler::Schedule": "Name",
  "AWS::StepFunctions::StateMachine": "StateMachineName",
};

function namesOf({ Type: type, Properties }: Resource): Deployment["names"] {
  const name = Properties[NAMED_BY[type] ?? ""];
  // A rule of another bus than the default one goes with its bus.
  if (type === "AWS::Events::Rule" && Properties["EventBusName"] !== undefined) return [];
  return typeof name === "string" ? [{ type, name }] : [];
}

const sum = (numbers: readonly (number | undefined)[]): number =>
  numbers.reduce<number>((total, each = 0) => total + each, 0);

const readJson = (directory: string, file: string): unknown =>
  JSON.parse(readFileSync(join(directory, file), "utf8"));
