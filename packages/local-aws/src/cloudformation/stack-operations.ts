/** CloudFormation's operations on stacks. A change goes on in the background: its reply names the stack, whose events tell the rest. */
import * as z from "zod";
import { AwsError, type LocalAws, type Operation, type Shape } from "../local-aws.ts";
import { listPage } from "../list-page.ts";
import { ON_FAILURE, type OnFailure } from "./create-stack.ts";
import { describeEvent, describeStack, resourcesOf, summarizeStack } from "./describe-stack.ts";
import { isInProgress, type Stack } from "./stack.ts";
import type { Stacks } from "./stacks.ts";
import { readParameters, readTemplate, refuse } from "./template-source.ts";
import { isSameStack } from "./update-stack.ts";

const PAGE = 100;
/** Of an HTTP form: all values are texts. */
const flag = z.stringbool().optional();
const naming = z.strictObject({ StackName: z.string() });
const describing = z.strictObject({ StackName: z.string().optional(), NextToken: z.string().optional() });
const listing = naming.extend({ NextToken: z.string().optional() });
const template = naming.extend({
  TemplateBody: z.string().optional(),
  TemplateURL: z.string().optional(),
  Parameters: z
    .array(z.strictObject({ ParameterKey: z.string(), ParameterValue: z.string().optional() }))
    .optional(),
  Capabilities: z.array(z.string()).optional(),
  ClientRequestToken: z.string().optional(),
});
const creating = template.extend({
  StackName: z
    .string()
    .regex(
      /^[a-zA-Z][-a-zA-Z0-9]{0,127}$/,
      "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
    ),
  DisableRollback: flag,
  OnFailure: z.enum(ON_FAILURE).optional(),
});
const updating = template;
const deleting = naming.extend({
  RetainResources: z.array(z.string()).optional(),
  ClientRequestToken: z.string().optional(),
});

export function stackOperations(localAws: LocalAws, stacks: Stacks): Record<string, Operation> {
  const operation = (action: string, run: Operation["run"]): Operation => ({
    permissions: ({ StackName }) => [
      { action: `cloudformation:${action}`, resource: arnOf(localAws, stacks, StackName) },
    ],
    run,
  });
  return {
    CreateStack: operation("CreateStack", (input) => createStack(localAws, stacks, input)),
    UpdateStack: operation("UpdateStack", (input) => updateStack(localAws, stacks, input)),
    DeleteStack: operation("DeleteStack", (input) => deleteStack(stacks, input)),
    DescribeStacks: operation("DescribeStacks", (input) => {
      const { StackName: name } = parsed(describing, input);
      const shown = name === undefined ? stacks.all().filter(isThere) : [stackOf(stacks, name)];
      return { Stacks: shown.map(describeStack) };
    }),
    ListStacks: operation("ListStacks", (input) => {
      const asked = z.strictObject({
        NextToken: z.string().optional(),
        StackStatusFilter: z.array(z.string()).optional(),
      });
      const { StackStatusFilter: wanted } = parsed(asked, input);
      const shown = stacks.all().filter(({ status }) => wanted?.includes(status) ?? true);
      return { StackSummaries: shown.toReversed().map(summarizeStack) };
    }),
    DescribeStackEvents: operation("DescribeStackEvents", (input) => {
      const { StackName, NextToken } = parsed(listing, input);
      const stack = stackOf(stacks, StackName, `Stack [${StackName}] does not exist`);
      const events = stack.events.toReversed().map((event) => describeEvent(stack, event));
      return page("StackEvents", events, NextToken);
    }),
    DescribeStackResources: operation("DescribeStackResources", (input) => {
      const { StackName, LogicalResourceId: only } = parsed(
        naming.extend({ LogicalResourceId: z.string().optional() }),
        input,
      );
      const stack = stackOf(stacks, StackName);
      const { id: StackId, name } = stack;
      const shown = resourcesOf(stack).filter(
        (one) => (only ?? one["LogicalResourceId"]) === one["LogicalResourceId"],
      );
      return { StackResources: shown.slice(0, PAGE).map((one) => ({ StackName: name, StackId, ...one })) };
    }),
    ListStackResources: operation("ListStackResources", (input) => {
      const { StackName, NextToken } = parsed(listing, input);
      const resources = resourcesOf(stackOf(stacks, StackName));
      const summaries = resources.map(({ Timestamp, ...one }) => ({
        ...one,
        LastUpdatedTimestamp: Timestamp,
      }));
      return page("StackResourceSummaries", summaries, NextToken);
    }),
    GetTemplate: operation("GetTemplate", (input) => {
      const { StackName } = parsed(naming, input);
      const { template: body } = stackOf(stacks, StackName);
      return { TemplateBody: JSON.stringify(body), StagesAvailable: ["Original", "Processed"] };
    }),
  };
}

async function createStack(localAws: LocalAws, stacks: Stacks, input: Shape): Promise<Shape> {
  const request = parsed(creating, input);
  const { StackName: name, DisableRollback, OnFailure } = request;
  if (DisableRollback !== undefined && OnFailure !== undefined)
    throw refuse("You can specify either DisableRollback or OnFailure, but not both.");
  const body = await readTemplate(localAws, request);
  const parameters = readParameters(body, request);
  if (living(stacks, name)) throw new AwsError("AlreadyExistsException", `Stack [${name}] already exists`);
  const onFailure: OnFailure = OnFailure ?? (DisableRollback ? "DO_NOTHING" : "ROLLBACK");
  return { StackId: stacks.create({ name, template: body, parameters }, onFailure).id };
}

async function updateStack(localAws: LocalAws, stacks: Stacks, input: Shape): Promise<Shape> {
  const request = parsed(updating, input);
  const { StackName: name } = request;
  const body = await readTemplate(localAws, request);
  const next = { template: body, parameters: readParameters(body, request) };
  const stack = living(stacks, name);
  if (!stack) throw refuse(`Stack [${name}] does not exist`);
  if (!isUpdatable(stack))
    throw refuse(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
  if (isSameStack(stack, next)) throw refuse("No updates are to be performed.");
  stacks.update(stack, next);
  return { StackId: stack.id };
}

/** A stack that does not exist is deleted already. */
function deleteStack(stacks: Stacks, input: Shape): Shape {
  const { StackName: name, RetainResources: retained = [] } = parsed(deleting, input);
  const stack = living(stacks, name);
  if (!stack || stack.status === "DELETE_IN_PROGRESS") return {};
  if (retained.length > 0 && stack.status !== "DELETE_FAILED") {
    throw refuse(
      `Invalid operation on stack [${stack.id}]. To delete a stack with RetainResources, the stack must be in the DELETE_FAILED state.`,
    );
  }
  stacks.delete(stack, retained);
  return {};
}

const UPDATABLE = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED"];
const isUpdatable = (stack: Stack): boolean => !isInProgress(stack) && UPDATABLE.includes(stack.status);
const isThere = ({ status }: Stack): boolean => status !== "DELETE_COMPLETE";

const living = (stacks: Stacks, nameOrId: string): Stack | undefined =>
  stacks.all().find((stack) => isThere(stack) && (stack.name === nameOrId || stack.id === nameOrId));

/** A deleted stack is found by its id only. */
function stackOf(
  stacks: Stacks,
  nameOrId: string,
  missing = `Stack with id ${nameOrId} does not exist`,
): Stack {
  const stack = living(stacks, nameOrId) ?? stacks.all().find(({ id }) => id === nameOrId);
  if (stack) return stack;
  throw refuse(missing);
}

function arnOf(localAws: LocalAws, stacks: Stacks, nameOrId: unknown): string {
  if (typeof nameOrId !== "string") return "*";
  return living(stacks, nameOrId)?.id ?? localAws.arn("cloudformation", `stack/${nameOrId}/*`);
}

function page(member: string, all: readonly Shape[], token: string | undefined): Shape {
  const { items, next } = listPage(all, { member: "limit", limit: undefined, most: PAGE, token, refuse });
  return { [member]: items, ...(next !== undefined && { NextToken: next }) };
}

function parsed<S extends z.ZodType>(schema: S, input: Shape): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw refuse(z.prettifyError(result.error));
}
