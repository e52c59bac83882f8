/** A batch of messages from SQS: messages that failed go back to the queue, the rest are done. */
import * as z from "zod/mini";
import { logger } from "./handler.ts";

export const messageBatch = z.object({
  Records: z.array(z.object({ messageId: z.string(), body: z.string() })),
});

export interface Message<Body> {
  readonly messageId: string;
  readonly body: Body;
}

/** Lambda deletes the other messages of a partly failed batch; these come back after the visibility timeout. */
export interface BatchReply {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export const batchReply = (failed: readonly string[]): BatchReply => ({
  batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })),
});

/** The messages that match `schema`, and the ids of those that do not. */
export function readBatch<Body>(
  { Records }: z.infer<typeof messageBatch>,
  schema: z.ZodMiniType<Body>,
): { messages: Message<Body>[]; unreadable: string[] } {
  const messages: Message<Body>[] = [];
  const unreadable: string[] = [];
  for (const { messageId, body } of Records) {
    const parsed = schema.safeParse(jsonOf(body));
    if (parsed.success) messages.push({ messageId, body: parsed.data });
    else {
      logger.error("message not understood", { messageId, issues: parsed.error.issues });
      unreadable.push(messageId);
    }
  }
  return { messages, unreadable };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
