/** The functions of the account, found by any name that Lambda accepts. */
import { AwsError, type LocalAws } from "../local-aws.ts";
import type { LambdaFunction } from "./lambda-function.ts";

export interface FunctionRegistry {
  add(fn: LambdaFunction): void;
  remove(name: string): void;
  all(): readonly LambdaFunction[];
  /** By name, `name:qualifier`, partial or full ARN. */
  find(nameOrArn: string): LambdaFunction;
  /** The ARN that the caller asks for, qualifier included, whether or not it exists. */
  requestedArn(nameOrArn: string): string;
  hasRoom(fn: LambdaFunction): boolean;
}

/** `accountConcurrency`: how many functions of the account and Region run at once. */
export function createFunctionRegistry(localAws: LocalAws, accountConcurrency: number): FunctionRegistry {
  const functions = new Map<string, LambdaFunction>();

  function split(nameOrArn: string): { name: string; qualifier?: string | undefined } {
    const afterPrefix = nameOrArn.replace(/^.*?function:/, "");
    const [name = "", qualifier] = afterPrefix.split(":");
    return { name, qualifier };
  }

  function requestedArn(nameOrArn: string): string {
    const { name, qualifier } = split(nameOrArn);
    return localAws.arn("lambda", `function:${name}`) + (qualifier ? `:${qualifier}` : "");
  }

  return {
    requestedArn,
    add: (fn) => void functions.set(fn.name, fn),
    remove: (name) => void functions.delete(name),
    all: () => [...functions.values()],
    find(nameOrArn) {
      const found = functions.get(split(nameOrArn).name);
      if (found) return found;
      const fields = { Type: "User" };
      const message = `Function not found: ${requestedArn(nameOrArn)}`;
      throw new AwsError("ResourceNotFoundException", message, 404, fields);
    },
    hasRoom(fn) {
      if (fn.reservedConcurrency !== undefined && fn.concurrent >= fn.reservedConcurrency) return false;
      return [...functions.values()].reduce((sum, one) => sum + one.concurrent, 0) < accountConcurrency;
    },
  };
}
