/** Local AWS Lambda: the functions of the template, run in this process. */
import { USUAL_ACCOUNT } from "../account.ts";
import { AwsError, type LocalAws, type Operation, type Service, type Shape } from "../local-aws.ts";
import { listPage } from "../list-page.ts";
import type { ResourceType, ResourceTypes } from "../resource.ts";
import { captureFunctionLogs } from "./function-logs.ts";
import { createFunctionRegistry, type FunctionRegistry } from "./function-registry.ts";
import { functionResource, type MoreEnvironment, type Trusts } from "./function-resource.ts";
import { invoke } from "./invoke.ts";
import { leftQueued, resumeLater } from "./invoke-later.ts";
import { DEFAULT_ASYNC, type LambdaFunction } from "./lambda-function.ts";
import { loadFunctions } from "./load-functions.ts";
import type { Grant } from "./resource-policy.ts";
import { leaveWarm } from "./warm-instances.ts";

export interface LambdaOptions {
  /** Asked before a function is created; without it every role will do. */
  readonly trusts?: Trusts;
  /** What the runtime adds to a function's own variables, such as where to find what it stands in for. */
  readonly environment?: MoreEnvironment;
  /** Load a function's code when it is invoked first, not when it is created. */
  readonly lazy?: boolean;
  /** How many functions of the account and Region run at once; 1,000 without it. */
  readonly concurrency?: number;
  /** Take instances of functions that another runtime of this process has left, and leave them: `warm-instances.ts`. */
  readonly warm?: boolean;
}

export interface LocalLambda {
  readonly service: Service;
  readonly resources: ResourceTypes;
  /** Loads the code of all functions, these names first; yields why one does not load. */
  load(first: readonly string[]): AsyncGenerator<Error>;
  /** How many invocations run now. */
  running(): number;
  /** Goes on with the events that an earlier run had queued. */
  resume(): void;
  /** Leaves the instances of its functions to the next runtime, if they may be. */
  close(): void;
}

export function createLambda(
  localAws: LocalAws,
  {
    trusts = () => true,
    environment = async () => ({}),
    lazy = false,
    warm = false,
    concurrency = USUAL_ACCOUNT.lambdaConcurrency,
  }: LambdaOptions = {},
): LocalLambda {
  captureFunctionLogs();
  const registry = createFunctionRegistry(localAws, concurrency);
  const left = leftQueued(localAws);
  return {
    load: (first) => loadFunctions(registry.all(), first),
    running: () => registry.all().reduce((sum, { concurrent }) => sum + concurrent, 0),
    resume() {
      for (const kept of left.splice(0)) {
        const fn = registry.all().find(({ name }) => name === kept.functionName);
        resumeLater(localAws, kept, fn, (found) => registry.hasRoom(found));
      }
    },
    close() {
      if (warm) for (const fn of registry.all()) leaveWarm(fn);
    },
    service: {
      name: "lambda",
      operations: {
        Invoke: invoke(registry),
        GetFunction: reading(registry, "lambda:GetFunction", (fn) => ({
          Configuration: configurationOf(fn),
          Code: { RepositoryType: "S3" },
        })),
        GetFunctionConfiguration: reading(registry, "lambda:GetFunctionConfiguration", configurationOf),
        GetAccountSettings: getAccountSettings(registry, concurrency),
        ListFunctions: {
          permissions: () => [{ action: "lambda:ListFunctions", resource: "*" }],
          run: (input) => listFunctions(registry, input),
        },
      },
    },
    resources: {
      "AWS::Lambda::Function": functionResource({ localAws, registry, trusts, environment, lazy, warm }),
      "AWS::Lambda::Permission": permissionResource(registry),
      "AWS::Lambda::EventInvokeConfig": eventInvokeConfigResource(registry),
      "AWS::Lambda::Version": versionResource(registry),
    },
  };
}

/** Sizes in bytes, as AWS gives them to every account. */
const CODE_LIMITS = {
  TotalCodeSize: 80_530_636_800,
  CodeSizeUnzipped: 262_144_000,
  CodeSizeZipped: 52_428_800,
};

function getAccountSettings(registry: FunctionRegistry, ConcurrentExecutions: number): Operation {
  return {
    permissions: () => [{ action: "lambda:GetAccountSettings", resource: "*" }],
    run() {
      const reserved = registry
        .all()
        .reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
      const UnreservedConcurrentExecutions = ConcurrentExecutions - reserved;
      return {
        AccountLimit: { ...CODE_LIMITS, ConcurrentExecutions, UnreservedConcurrentExecutions },
        AccountUsage: { TotalCodeSize: 0, FunctionCount: registry.all().length },
      };
    },
  };
}

function reading(
  registry: FunctionRegistry,
  action: string,
  read: (fn: LambdaFunction) => Record<string, unknown>,
): Operation {
  return {
    permissions: ({ FunctionName }) => [{ action, resource: registry.requestedArn(String(FunctionName)) }],
    run: ({ FunctionName }) => read(registry.find(String(FunctionName))),
  };
}

/** A page has 50 functions at most, however many are asked for. */
function listFunctions(registry: FunctionRegistry, { MaxItems, Marker: token }: Shape): Shape {
  const limit = MaxItems === undefined ? undefined : Math.min(Number(MaxItems), 50);
  const refuse = (message: string) => new AwsError("InvalidParameterValueException", message);
  const asked = { member: "maxItems", limit, most: 50, token, refuse };
  const { items, next } = listPage(registry.all(), asked);
  return { Functions: items.map(configurationOf), ...(next ? { NextMarker: next } : {}) };
}

function configurationOf(fn: LambdaFunction): Record<string, unknown> {
  return {
    FunctionName: fn.name,
    FunctionArn: fn.arn,
    Runtime: fn.runtime,
    Role: fn.running.roleArn,
    Handler: fn.handlerName,
    Timeout: fn.timeoutSeconds,
    MemorySize: fn.memoryMb,
    Version: "$LATEST",
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Environment: { Variables: fn.running.environment },
    LoggingConfig: { LogGroup: fn.logGroup },
  };
}

function permissionResource(registry: FunctionRegistry): ResourceType {
  return {
    honoured: ["Action", "FunctionName", "Principal", "SourceArn", "SourceAccount"],
    create(request) {
      const { Action, FunctionName, Principal, SourceArn, SourceAccount } = request.properties as Record<
        string,
        string
      >;
      const id = request.physicalName();
      const { grants } = registry.find(String(FunctionName));
      withdraw(grants, id);
      grants.push({
        id,
        action: String(Action),
        principal: String(Principal),
        ...(SourceArn === undefined ? {} : { sourceArn: SourceArn }),
        ...(SourceAccount === undefined ? {} : { sourceAccount: SourceAccount }),
      });
      return { ref: id };
    },
    renewedBy: ["FunctionName"],
    remove(id) {
      for (const { grants } of registry.all()) withdraw(grants, id);
    },
  };
}

function withdraw(grants: Grant[], withdrawn: string): void {
  const at = grants.findIndex(({ id }) => id === withdrawn);
  if (at !== -1) grants.splice(at, 1);
}

function eventInvokeConfigResource(registry: FunctionRegistry): ResourceType {
  return {
    honoured: [
      "FunctionName",
      "Qualifier",
      "MaximumRetryAttempts",
      "MaximumEventAgeInSeconds",
      "DestinationConfig",
    ],
    create(request) {
      const { properties } = request;
      const fn = registry.find(String(properties["FunctionName"]));
      const destinations = (properties["DestinationConfig"] ?? {}) as Record<
        string,
        { Destination?: string }
      >;
      if (destinations["OnSuccess"])
        throw new Error("DestinationConfig.OnSuccess is not part of the local runtime");
      const onFailureArn = destinations["OnFailure"]?.Destination;
      if (onFailureArn && !/:(sqs|events):/.test(onFailureArn)) {
        throw new Error(
          `DestinationConfig.OnFailure ${onFailureArn} must be an SQS queue or an event bus here`,
        );
      }
      fn.asyncConfig = {
        maximumRetryAttempts: Number(properties["MaximumRetryAttempts"] ?? 2),
        maximumEventAgeSeconds: Number(properties["MaximumEventAgeInSeconds"] ?? 21_600),
        ...(onFailureArn ? { onFailureArn } : {}),
      };
      return { ref: request.physicalName() };
    },
    renewedBy: ["FunctionName", "Qualifier"],
    remove(_ref, { FunctionName: name }) {
      const fn = registry.all().find((one) => one.name === name);
      if (fn) fn.asyncConfig = DEFAULT_ASYNC;
    },
  };
}

/** A version is a name for the one code that there is: what is deployed here is never replaced. */
function versionResource(registry: FunctionRegistry): ResourceType {
  return {
    honoured: ["FunctionName"],
    ignored: ["Description", "CodeSha256"],
    create({ properties }) {
      const { arn } = registry.find(String(properties["FunctionName"]));
      return { ref: `${arn}:1`, attributes: { Version: "1", FunctionArn: `${arn}:1` } };
    },
  };
}
