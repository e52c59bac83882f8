/**
 * The environment variables of a function. `process.env` of this process becomes a view that shows a function its own
 * variables, at import and at every later read: SDK clients read Region and credentials at their first request, and
 * nothing of the developer's shell (AWS_PROFILE, AWS_ENDPOINT_URL) may leak into what will run in Lambda.
 */
import { devNull } from "node:os";
import { runningFunction } from "./running-function.ts";

export interface EnvironmentOf {
  readonly name: string;
  readonly handlerName: string;
  readonly memoryMb: number;
  readonly region: string;
  readonly logGroup: string;
  readonly codePath: string;
  readonly runtime: string;
  readonly logging: { readonly format?: string; readonly level?: string };
  readonly variables: Readonly<Record<string, string>>;
}

export function lambdaEnvironment(of: EnvironmentOf): Record<string, string> {
  return {
    ...of.variables,
    PATH: "/var/lang/bin:/usr/local/bin:/usr/bin:/bin",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    _HANDLER: of.handlerName,
    LAMBDA_TASK_ROOT: of.codePath,
    AWS_REGION: of.region,
    AWS_DEFAULT_REGION: of.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${of.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: of.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(of.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: of.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    ...(of.logging.format ? { AWS_LAMBDA_LOG_FORMAT: of.logging.format } : {}),
    ...(of.logging.level ? { AWS_LAMBDA_LOG_LEVEL: of.logging.level } : {}),
    AWS_ACCESS_KEY_ID: "ASIALOCAL00000000000",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SESSION_TOKEN: "local",
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}

let installed = false;

export function installEnvironmentView(): void {
  if (installed) return;
  installed = true;
  const real = process.env;
  const now = (): Record<string, string | undefined> => runningFunction.getStore()?.environment ?? real;
  process.env = new Proxy(real, {
    get: (_, name) => Reflect.get(now(), name),
    has: (_, name) => Reflect.has(now(), name),
    set: (_, name, value) => Reflect.set(now(), name, String(value)),
    deleteProperty: (_, name) => Reflect.deleteProperty(now(), name),
    ownKeys: () => Reflect.ownKeys(now()),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(now(), name),
  });
}
