/** AWS::Lambda::Function: reads the template's properties and loads the code: at once, so that a bad start fails here, or later. */
import type { LocalAws, Shape } from "../local-aws.ts";
import { nameOf, type ResourceRequest, type ResourceType } from "../resource.ts";
import { installEnvironmentView, lambdaEnvironment } from "./function-environment.ts";
import type { FunctionRegistry } from "./function-registry.ts";
import { DEFAULT_ASYNC, type LambdaFunction } from "./lambda-function.ts";
import { loadHandler } from "./load-handler.ts";
import { takeWarm } from "./warm-instances.ts";

const NAME_LIMIT = 64;

interface FunctionProperties {
  readonly FunctionName?: string;
  readonly Code: { readonly S3Key?: string };
  readonly Handler: string;
  readonly Runtime: string;
  readonly Role: string;
  readonly MemorySize?: number;
  readonly Timeout?: number;
  readonly Environment?: { readonly Variables?: Record<string, string> };
  readonly ReservedConcurrentExecutions?: number;
  readonly DeadLetterConfig?: { readonly TargetArn?: string };
  readonly LoggingConfig?: {
    readonly LogGroup?: string;
    readonly LogFormat?: string;
    readonly ApplicationLogLevel?: string;
  };
}

/** Whether a role's trust policy lets a service assume it. */
export type Trusts = (roleArn: string, service: string) => boolean;

/** Asked with the variables that the template gives a function. */
export type MoreEnvironment = (
  variables: Readonly<Record<string, string>>,
) => Promise<Readonly<Record<string, string>>>;

export interface FunctionResourceOptions {
  readonly localAws: LocalAws;
  readonly registry: FunctionRegistry;
  readonly trusts: Trusts;
  readonly environment: MoreEnvironment;
  readonly lazy: boolean;
  /** Take instances that another runtime of this process has left. */
  readonly warm: boolean;
}

export function functionResource(options: FunctionResourceOptions): ResourceType {
  return {
    honoured: [
      "FunctionName",
      "Code",
      "Handler",
      "Runtime",
      "Role",
      "MemorySize",
      "Timeout",
      "Environment",
      "ReservedConcurrentExecutions",
      "DeadLetterConfig",
      "LoggingConfig",
    ],
    ignored: ["Architectures", "Description", "PackageType", "Tags", "TracingConfig", "RecursiveLoop"],
    renewedBy: ["FunctionName"],
    namedBy: "FunctionName",
    taken: (request) => existing(options.registry, nameOf(request, "FunctionName", NAME_LIMIT))?.name,
    remove: (name) => options.registry.remove(name),
    async create(request) {
      const role = request.properties["Role"] as string;
      if (!options.trusts(role, "lambda.amazonaws.com")) {
        throw new Error("The role defined for the function cannot be assumed by Lambda.");
      }
      installEnvironmentView();
      const { name, arn } = await createFunction(options, request);
      return { ref: name, attributes: { Arn: arn } };
    },
  };
}

async function createFunction(
  { localAws, registry, environment: more, lazy, warm }: FunctionResourceOptions,
  request: ResourceRequest,
) {
  const properties = request.properties as unknown as FunctionProperties & Shape;
  if (!properties.Runtime.startsWith("nodejs")) {
    throw new Error(`Runtime ${properties.Runtime} cannot run here; only nodejs runtimes can`);
  }
  if (!properties.Code.S3Key) throw new Error("Code must be an asset of the assembly");
  const name = nameOf(request, "FunctionName", NAME_LIMIT);
  // Permissions and settings of asynchronous invocation are resources of their own.
  const { grants = [], asyncConfig = DEFAULT_ASYNC } = existing(registry, name) ?? {};
  const arn = localAws.arn("lambda", `function:${name}`);
  const settings = {
    name,
    logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    runtime: properties.Runtime,
    handlerName: properties.Handler,
    memoryMb: Number(properties.MemorySize ?? 128),
  };
  const codePath = request.assetPath(properties.Code.S3Key);
  const variables = properties.Environment?.Variables ?? {};
  const environment = lambdaEnvironment({
    ...settings,
    codePath,
    region: localAws.region,
    logging: loggingOf(properties),
    variables: { ...variables, ...(await more(variables)) },
  });
  const running = { localAws, functionName: name, roleArn: properties.Role, environment: { ...environment } };
  const source = { codePath, handlerName: properties.Handler };
  const reserved = properties.ReservedConcurrentExecutions;
  const deadLetterArn = properties.DeadLetterConfig?.TargetArn;
  const fn: LambdaFunction = {
    ...settings,
    arn,
    timeoutSeconds: Number(properties.Timeout ?? 3),
    ...(reserved === undefined ? {} : { reservedConcurrency: Number(reserved) }),
    ...(deadLetterArn === undefined ? {} : { deadLetterArn }),
    running,
    environment,
    source,
    handler: handlerOnce(async () => {
      fn.loaded = (warm ? takeWarm(source, environment) : undefined) ?? (await loadHandler(running, source));
      return fn.loaded;
    }),
    isSpoiled: false,
    grants,
    asyncConfig,
    concurrent: 0,
  };
  if (!lazy) await fn.handler();
  registry.add(fn);
  return { name, arn };
}

const existing = (registry: FunctionRegistry, wanted: string): LambdaFunction | undefined =>
  registry.all().find(({ name }) => name === wanted);

function handlerOnce(load: LambdaFunction["handler"]): LambdaFunction["handler"] {
  let loading: ReturnType<LambdaFunction["handler"]> | undefined;
  return () => (loading ??= load());
}

function loggingOf({ LoggingConfig }: FunctionProperties): { format?: string; level?: string } {
  return {
    ...(LoggingConfig?.LogFormat ? { format: LoggingConfig.LogFormat } : {}),
    ...(LoggingConfig?.ApplicationLogLevel ? { level: LoggingConfig.ApplicationLogLevel } : {}),
  };
}
