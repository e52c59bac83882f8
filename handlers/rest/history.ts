/** `listCalls`: the history of a client's calls. */
import * as z from "zod/mini";
import type { InputOf, ReplyOf } from "../../api/commands.ts";
import { pastCall } from "../../api/replies.ts";
import { historyRowSchema } from "../../calls/history.ts";
import { Problem } from "../../api/problems.ts";
import type { HistoryPlace } from "../store/call-store.ts";
import { ownClient, type Person, type CommandContext } from "./command-context.ts";

const placeSchema = z.pick(historyRowSchema, { createdAtMs: true, callId: true });

export async function listCalls(
  context: CommandContext,
  person: Person,
  { clientId, limit, nextToken }: InputOf<"listCalls">,
): Promise<ReplyOf<"listCalls">> {
  await ownClient(context, person, clientId);
  const after = nextToken === undefined ? undefined : placeOf(nextToken);
  // Reads one row more than requested, to know whether there is another page.
  const rows = await context.calls.history(clientId, { limit: limit + 1, after });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    calls: page.map(pastCall),
    ...(rows.length > limit && last && { nextToken: tokenOf(last) }),
  };
}

function tokenOf({ createdAtMs, callId }: HistoryPlace): string {
  return Buffer.from(JSON.stringify({ createdAtMs, callId })).toString("base64url");
}

function placeOf(nextToken: string): HistoryPlace {
  const read = z.pipe(
    z.pipe(
      z.string(),
      z.transform((text) => JSON.parse(text) as unknown),
    ),
    placeSchema,
  );
  try {
    return read.parse(Buffer.from(nextToken, "base64url").toString("utf8"));
  } catch (cause) {
    const errors = [{ field: "nextToken", message: "expected the token of a page that was read before" }];
    throw new Problem("invalid_request", "nextToken is not from a previous page", { errors, cause });
  }
}
