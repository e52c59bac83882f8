/**
 * The IVS stages that carry a stack's tag:
 *   npm run stages [-- --stack Ringmaster] [--profile NAME] [--region NAME] [--endpoint-url URL]      lists them
 *   npm run stages -- delete [--stack Ringmaster] [--profile NAME] [--region NAME] [--endpoint-url URL]
 * deletes them, five a second, until none is left. Use it for a deleted stack that has left some behind.
 */
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { type IvsStages, ivsStages } from "../handlers/media/ivs/ivs-stages.ts";
import { deleteAll } from "../handlers/media/ivs/pool/delete-all.ts";
import { type Connection, settingsOf } from "./clean-up-client.ts";
import { type ConnectionOptions, requireEndpoint } from "./connection.ts";
import { pointStoresAt } from "./sign-out-client.ts";
import { troubleOf } from "./trouble.ts";

const USAGE = `npm run stages -- [delete] [--stack Ringmaster] [--profile NAME] [--region NAME] [--endpoint-url URL]`;
const SECOND_MS = 1_000;

/** Undefined if CloudFormation knows no such stack, or no longer does. */
export async function statusOf(connection: Connection, StackName: string): Promise<string | undefined> {
  const client = new CloudFormationClient(settingsOf(connection));
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName }));
    return stack?.StackStatus;
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  }
}

/** The keeper is deleted before the stages, so it is gone too if a deletion, or a creation's rollback, stops half-way. */
const KEEPER_IS_GONE = /^(DELETE|ROLLBACK)_(COMPLETE|FAILED)$/;

/** The keeper of an existing stack would make the deleted stages again. */
export function refuseStanding(stackName: string, status: string | undefined): void {
  if (status === undefined || KEEPER_IS_GONE.test(status)) return;
  throw new Error(
    `stack ${stackName} exists (${status}), and its keeper would make the stages again. Delete the stack first: that deletes them`,
  );
}

export async function listAll(
  { list }: Pick<IvsStages, "list">,
  wait: (milliseconds: number) => Promise<unknown> = pause,
): Promise<string[]> {
  const arns = new Set<string>();
  let next: string | undefined;
  for (;;) {
    const page = await list(next);
    if (page === "throttled") await wait(SECOND_MS);
    else if (page === "bad token") next = undefined;
    else {
      for (const { arn } of page.stages) arns.add(arn);
      next = page.nextToken;
      if (next === undefined) return [...arns];
    }
  }
}

interface StagesOptions extends ConnectionOptions {
  readonly deletes: boolean;
  readonly stack: string;
}

export function readOptions(args: string[]): StagesOptions {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      stack: { type: "string", default: "Ringmaster" },
      profile: { type: "string" },
      region: { type: "string" },
      "endpoint-url": { type: "string" },
    },
  });
  const { stack, profile, region, "endpoint-url": endpoint } = values;
  const [command, more] = positionals;
  const unknown = command === "delete" ? more : command;
  if (unknown !== undefined) throw new Error(`expected "delete" or nothing, got "${unknown}"`);
  if (stack === "") throw new Error("--stack: expected the name of a stack, got nothing");
  requireEndpoint("--endpoint-url", endpoint);
  return { deletes: command === "delete", stack, profile, region, endpoint };
}

async function main(): Promise<void> {
  const { deletes, stack, profile, ...connection } = readOptions(process.argv.slice(2));
  // The stages of functions are read with the credentials of the environment alone.
  if (profile !== undefined) process.env["AWS_PROFILE"] = profile;
  pointStoresAt(connection);
  const region = await new CloudFormationClient(settingsOf(connection)).config.region();
  const ivs = ivsStages({ AWS_REGION: region, STACK_NAME: stack });
  if (!deletes) {
    const arns = await listAll(ivs);
    print([...arns, `${arns.length} stages of ${stack} in ${region}`].join("\n"));
    return;
  }
  refuseStanding(stack, await statusOf(connection, stack));
  const { deleted } = await deleteAll({
    ivs,
    edge: { now: () => Date.now(), pause: (milliseconds) => pause(milliseconds, undefined) },
    untilMs: Number.POSITIVE_INFINITY,
    isQuiet: async () => true,
    tell: (done, found) => void process.stderr.write(`\r${done} of ${found} or more deleted`),
  });
  const done = `${deleted} stages of ${stack} in ${region} are deleted; none is left`;
  print(
    deleted === 0 ? `\nno stage in ${region} carries the tag of ${stack}: nothing is deleted` : `\n${done}`,
  );
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${troubleOf(error)}\n${USAGE}\n`);
    process.exit(1);
  });
}
