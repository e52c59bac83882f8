/**
 * The stacks of the account: the one that the runtime starts with, and those that the API makes beside it. Each changes in the
 * background, one change after the other.
 */
import type { LocalAws } from "../local-aws.ts";
import type { ResourceTypes } from "../resource.ts";
import { asItIs } from "../store/store.ts";
import type { Assembly, Template } from "./assembly.ts";
import { createStack, type OnFailure } from "./create-stack.ts";
import type { CustomResources } from "./custom-resource.ts";
import { deleteStack } from "./delete-stack.ts";
import { deploy } from "./deploy.ts";
import { keptResources } from "./kept-resources.ts";
import { newStackId, type Stack } from "./stack.ts";
import type { Provisioning } from "./stack-resource.ts";
import { type Next, updateStack } from "./update-stack.ts";

export interface StacksOptions {
  readonly localAws: LocalAws;
  readonly assembly: Assembly;
  readonly types: ResourceTypes;
  readonly customResources: CustomResources;
}

export interface NewStack extends Next {
  readonly name: string;
}

export interface Stacks {
  /** The latest of the assembly's name. */
  readonly first: Stack;
  /** Deleted ones too, oldest first. */
  all(): readonly Stack[];
  /** Throws if the stack that the runtime starts with, or one that an earlier run has left, does not come up. */
  start(): Promise<void>;
  create(wanted: NewStack, onFailure: OnFailure): Stack;
  update(stack: Stack, next: Next): void;
  delete(stack: Stack, retained: readonly string[]): void;
  /** Waits for the changes that have begun. */
  settled(): Promise<void>;
}

/** What lasts of a stack that the API has made. */
interface KeptStack extends Next {
  readonly id: string;
  readonly createdAtMs: number;
}

/** The one stack of an assembly has the same id at each start. */
const FIRST = "00000000-0000-0000-0000-000000000000";

export function createStacks({ localAws, assembly, types, customResources }: StacksOptions): Stacks {
  const provisioning: Provisioning = {
    localAws,
    types,
    customResources,
    kept: keptResources(localAws.store),
    generations: localAws.store.map("cloudformation.generations", asItIs<number>()),
    assetPath: (s3Key) => assembly.assetPath(s3Key),
  };
  const keptStacks = localAws.store.map("cloudformation.stacks", asItIs<KeptStack>());
  const { stackName, template } = assembly;
  let first = newStack(localAws, { name: stackName, template, parameters: {} }, FIRST);
  const stacks: Stack[] = [first];
  const changes = new Map<Stack, Promise<void>>();

  function begin(stack: Stack, change: () => Promise<void>): void {
    const earlier = changes.get(stack);
    const all = (earlier ? earlier.then(change) : change()).then(() => {
      keep(stack);
      if (changes.get(stack) === all) changes.delete(stack);
    });
    changes.set(stack, all);
  }

  function keep({ name, id, isFirst, createdAtMs, template: body, parameters, status }: Stack): void {
    if (status === "DELETE_COMPLETE") keptStacks.delete(name);
    else if (!isFirst) keptStacks.set(name, { id, createdAtMs, template: body, parameters });
  }

  return {
    get first() {
      return first;
    },
    all: () => stacks,
    async start() {
      await deploy(provisioning, first);
      for (const [name, { id, createdAtMs, ...next }] of keptStacks) {
        const stack = { ...newStack(localAws, { name, ...next }), id, createdAtMs };
        stacks.push(stack);
        await deploy(provisioning, stack);
      }
      customResources.drivesTime = false;
    },
    create(wanted, onFailure) {
      const isFirst = wanted.name === first.name;
      const stack = newStack(localAws, wanted, undefined, isFirst);
      stacks.push(stack);
      if (isFirst) first = stack;
      begin(stack, () => createStack(provisioning, stack, onFailure));
      return stack;
    },
    update: (stack, next) => begin(stack, () => updateStack(provisioning, stack, next)),
    delete: (stack, retained) => begin(stack, () => deleteStack(provisioning, stack, retained)),
    async settled() {
      while (changes.size > 0) await Promise.all(changes.values());
    },
  };
}

function newStack(
  localAws: LocalAws,
  { name, template, parameters }: { readonly name: string; readonly template: Template } & Next,
  last?: string,
  isFirst = last !== undefined,
): Stack {
  return {
    name,
    id: newStackId(localAws, name, last),
    isFirst,
    createdAtMs: localAws.clock.now(),
    template,
    parameters,
    status: "CREATE_IN_PROGRESS",
    outputs: {},
    resources: new Map(),
    events: [],
  };
}
