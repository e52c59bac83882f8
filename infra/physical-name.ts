/** The physical name of a resource in its stack (names.ts). */
import { Lazy, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { nameIn } from "./names.ts";

export const physicalName = (scope: IConstruct, name: string): string =>
  nameIn(Stack.of(scope).stackName, name);

/** Metrics belong to no construct: they learn the stack from the alarm or dashboard that uses them. */
const inStackOfUser = (valueIn: (stackName: string) => string): string =>
  Lazy.uncachedString({ produce: ({ scope }) => valueIn(Stack.of(scope).stackName) });

/** The name of the stack that uses it. */
export const STACK_NAME = inStackOfUser((stackName) => stackName);

const lateNames = new Map<string, string>();

/** One token for each name, because CDK takes equal metrics with different tokens for different ones. */
export function nameInStackOfUser(name: string): string {
  const late = lateNames.get(name) ?? inStackOfUser((stackName) => nameIn(stackName, name));
  lateNames.set(name, late);
  return late;
}
