/** A wait of the call workflow, as the request that Step Functions makes. */
import { UpdateItemCommand, type UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import jsonata from "jsonata";
import type { CallId } from "../../calls/ids.ts";
import { waitForChange } from "../../workflows/tasks.ts";
import type { Tables } from "./tables.ts";

export interface Wait {
  readonly callId: CallId;
  /** The turn that the workflow has followed. */
  readonly turn: number;
  readonly taskToken: string;
}

export async function waitAsWorkflow(tables: Tables, { callId, turn, taskToken }: Wait): Promise<void> {
  const elsewhere = { timeOver: "", lookAgain: "", otherwise: "" };
  const state = waitForChange({ comment: "", hopesFor: "answer", woken: "", errors: [], ...elsewhere });
  const variables = { callId, call: { turn }, states: { context: { Task: { Token: taskToken } } } };
  const substituted = JSON.stringify(state["Arguments"]).replaceAll("${CallsTable}", tables.env.CALLS_TABLE);
  const input = await evaluated(JSON.parse(substituted), variables);
  await tables.client.send(new UpdateItemCommand(input as UpdateItemCommandInput));
}

async function evaluated(part: unknown, variables: Record<string, unknown>): Promise<unknown> {
  if (typeof part === "string") {
    const [, expression] = /^\{% (.*) %\}$/.exec(part) ?? [];
    return expression === undefined ? part : jsonata(expression).evaluate(undefined, variables);
  }
  if (typeof part !== "object" || part === null) return part;
  const entries = Object.entries(part).map(
    async ([name, value]) => [name, await evaluated(value, variables)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
