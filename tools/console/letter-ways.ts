/** Where a dead letter came from, so that it can go there again: a queue that gave it up, or the bus. */
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { catalogue } from "../../events/catalogue.ts";
import type { Reading } from "./reading.ts";
import { sideBySide } from "./side-by-side.ts";

export type LetterWay =
  | { readonly kind: "queue"; readonly url: string; readonly name: string }
  | { readonly kind: "bus"; readonly event: BusLetter };

const busLetterSchema = z.object({
  source: z.string(),
  "detail-type": z.string(),
  detail: z.record(z.string(), z.unknown()),
});
type BusLetter = z.output<typeof busLetterSchema>;

const redriveSchema = z.object({ deadLetterTargetArn: z.string() });

/**
 * Undefined: the letter is neither an event of this stack's bus, nor does a queue redrive to where it lies. Events of calls are
 * snapshots with a version, and consumers drop one that they have seen: it may go over the bus a second time.
 */
export async function wayOf(reading: Reading, queue: string, body: string): Promise<LetterWay | undefined> {
  const source = (await sourcesOf(reading)).get(queue);
  if (source) return { kind: "queue", ...source };
  const event = busLetterSchema.safeParse(parsed(body)).data;
  if (!event || event.source.startsWith("aws.") || !Object.hasOwn(catalogue, event["detail-type"]))
    return undefined;
  return { kind: "bus", event };
}

type Source = { readonly url: string; readonly name: string };

/** Dead-letter queue → the queue that redrives there. */
async function sourcesOf({ sqs, stack, memory }: Reading): Promise<ReadonlyMap<string, Source>> {
  const known = memory.letterSources.get("");
  if (known) return known;
  const found = await sideBySide(stack.workQueues, async (queue) => {
    const ask = new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ["RedrivePolicy"] });
    const policy = redriveSchema.safeParse(
      parsed((await sqs.send(ask)).Attributes?.RedrivePolicy ?? ""),
    ).data;
    const target = policy?.deadLetterTargetArn.split(":").at(-1);
    return target === undefined ? [] : [[target, queue] as const];
  });
  const sources = new Map(found.flat());
  memory.letterSources.set("", sources);
  return sources;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
