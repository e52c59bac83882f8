/**
 * The IVS stages that carry a stack's tag:
 *   npm run stages [-- --stack Ringmaster] [--endpoint-url URL] [--region NAME]      lists them
 *   npm run stages -- delete [--stack Ringmaster] [--endpoint-url URL] [--region NAME]
 * deletes them, five a second, until none is left. Use it for a deleted stack that has left some behind.
 */
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { type IvsStages, ivsStages } from "../handlers/media/ivs/ivs-stages.ts";
import { deleteAll } from "../handlers/media/ivs/pool/delete-all.ts";
import { type Connection, settingsOf } from "./clean-up-client.ts";
import { pointStoresAt } from "./sign-out-client.ts";
import { troubleOf } from "./trouble.ts";

const USAGE = `npm run stages -- [delete] [--stack Ringmaster] [--endpoint-url URL] [--region NAME]`;
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

/** The keeper of an existing stack would make the deleted stages again. */
export function refuseStanding(stackName: string, status: string | undefined): void {
  if (status === undefined || status === "DELETE_FAILED" || status === "DELETE_COMPLETE") return;
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

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      stack: { type: "string", default: "Ringmaster" },
      region: { type: "string" },
      "endpoint-url": { type: "string" },
    },
  });
  const [command] = positionals;
  if (positionals.length > 1 || (command !== undefined && command !== "delete")) throw new Error(USAGE);
  const { stack, region: given, "endpoint-url": endpoint } = values;
  const connection = { endpoint, region: given };
  pointStoresAt(connection);
  const region = settingsOf(connection).region ?? process.env["AWS_REGION"];
  if (region === undefined) throw new Error("no region: name one with --region, or set AWS_REGION");
  const ivs = ivsStages({ AWS_REGION: region, STACK_NAME: stack });
  if (command !== "delete") {
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
  print(`\n${deleted} stages of ${stack} in ${region} are deleted; none is left`);
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);

if (import.meta.main) {
  await main().catch((error: unknown) => {
    process.stderr.write(`${troubleOf(error)}\n`);
    process.exit(1);
  });
}
