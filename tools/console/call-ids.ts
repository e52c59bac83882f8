/** Ids of calls by any part of them: executions are named by their calls, so a list of a thousand is one request. */
import { ListExecutionsCommand } from "@aws-sdk/client-sfn";
import { callIdSchema } from "../../calls/ids.ts";
import type { CallIds } from "./memory.ts";
import type { Reading } from "./reading.ts";

const PAGE = 1_000;
const MOST_PAGES = 5;

export async function latestCallIds({ sfn, stack, memory }: Reading): Promise<CallIds> {
  const known = memory.callIds.get("");
  if (known) return known;
  const ids: string[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page === 0 || (nextToken !== undefined && page < MOST_PAGES); page += 1) {
    const list: ListExecutionsCommand = new ListExecutionsCommand({
      stateMachineArn: stack.callWorkflowArn,
      maxResults: PAGE,
      ...(nextToken !== undefined && { nextToken }),
    });
    const { executions = [], nextToken: next } = await sfn.send(list);
    ids.push(...executions.flatMap(({ name }) => callIdSchema.safeParse(name).data ?? []));
    nextToken = next;
  }
  const found = { ids, isWhole: nextToken === undefined };
  memory.callIds.set("", found);
  return found;
}
