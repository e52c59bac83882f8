/** The events of a task, which differ for an integration and for a function that is the resource itself. */
import type { Shape } from "../../local-aws.ts";
import type { Integration } from "../integrations/integration.ts";
import { NOT_TRUNCATED } from "./history.ts";
import { errorDetails, type StateError } from "./state-error.ts";
import { record, type Scope } from "./visit.ts";

export interface Limits {
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

export interface TaskEvents {
  /** `roleArn` is that of the state's Credentials. */
  started(parameters: string, limits: Limits, roleArn: string | undefined): void;
  submitted(output: string): void;
  succeeded(output: string): void;
  failed(error: StateError): void;
  timedOut(error: StateError): void;
}

export const taskEvents = (scope: Scope, integration: Integration): TaskEvents =>
  integration.functionArn
    ? functionEvents(scope, integration.functionArn)
    : integrationEvents(scope, integration);

function inSeconds({ timeoutSeconds, heartbeatSeconds }: Limits): Shape {
  return {
    ...(timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds }),
    ...(heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: heartbeatSeconds }),
  };
}

const credentials = (roleArn: string | undefined): Shape =>
  roleArn === undefined ? {} : { taskCredentials: { roleArn } };

function integrationEvents(scope: Scope, { resource, resourceType }: Integration): TaskEvents {
  const names = { resource, resourceType };
  const { region } = scope.engine.localAws;
  const write = (what: string, details: Shape): void => {
    record(scope, `Task${what}`, { [`task${what}EventDetails`]: { ...names, ...details } });
  };
  return {
    started(parameters, limits, roleArn) {
      write("Scheduled", { region, parameters, ...inSeconds(limits), ...credentials(roleArn) });
      write("Started", {});
    },
    submitted: (output) => write("Submitted", { output, outputDetails: NOT_TRUNCATED }),
    succeeded: (output) => write("Succeeded", { output, outputDetails: NOT_TRUNCATED }),
    failed: (error) => write("Failed", errorDetails(error)),
    timedOut: (error) => write("TimedOut", errorDetails(error)),
  };
}

function functionEvents(scope: Scope, resource: string): TaskEvents {
  const write = (what: string, details: Shape): void => {
    record(scope, `LambdaFunction${what}`, { [`lambdaFunction${what}EventDetails`]: details });
  };
  return {
    started(input, { timeoutSeconds }, roleArn) {
      const timeout = timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds };
      const more = { ...timeout, ...credentials(roleArn) };
      write("Scheduled", { input, inputDetails: NOT_TRUNCATED, resource, ...more });
      record(scope, "LambdaFunctionStarted");
    },
    submitted: () => undefined,
    succeeded: (output) => write("Succeeded", { output, outputDetails: NOT_TRUNCATED }),
    failed: (error) => write("Failed", errorDetails(error)),
    timedOut: (error) => write("TimedOut", errorDetails(error)),
  };
}
