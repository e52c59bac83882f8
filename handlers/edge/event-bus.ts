/** Ringmaster's bus. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Announcement } from "../../events/event.ts";
import { EVENT_SOURCE } from "../../events/event.ts";
import type { Publisher } from "../call/change-call.ts";
import type { Environment } from "./environment.ts";
import { clientOptions } from "./client-options.ts";

/** EventBridge takes 10 entries a request. */
const MAX_ENTRIES = 10;
/** Attempts at entries that the bus refused for the moment. */
const MAX_ATTEMPTS = 2;

/** Some events were not accepted, or may not have been. */
export class PublishFailed extends Error {
  override readonly name = "PublishFailed";
}

export function eventBus({ AWS_REGION, BUS_NAME }: Environment<"AWS_REGION" | "BUS_NAME">): Publisher {
  const client = new EventBridgeClient(clientOptions(AWS_REGION));
  return {
    async publish(events) {
      // The first event, which may wake the workflow, goes in the last request: a woken workflow need not repeat the others (W7).
      const requests = Math.ceil(events.length / MAX_ENTRIES);
      for (let request = requests - 1; request >= 0; request -= 1) {
        await put(client, BUS_NAME, events.slice(request * MAX_ENTRIES, (request + 1) * MAX_ENTRIES));
      }
    },
  };
}

async function put(client: EventBridgeClient, bus: string, events: readonly Announcement[]): Promise<void> {
  let open = events;
  for (let attempt = 1; open.length > 0; attempt += 1) {
    const refused = await putOnce(client, bus, open);
    if (refused.length > 0 && attempt === MAX_ATTEMPTS) {
      const codes = refused.map(({ code }) => code).join(", ");
      throw new PublishFailed(`${refused.length} of ${events.length} events were refused: ${codes}`);
    }
    open = refused.map(({ event }) => event);
  }
}

/** The refused events: PutEvents reports them entry by entry inside a 200, which the SDK does not repeat. */
async function putOnce(client: EventBridgeClient, bus: string, events: readonly Announcement[]) {
  const Entries = events.map(({ name, detail }) => ({
    EventBusName: bus,
    Source: EVENT_SOURCE,
    DetailType: name,
    Detail: JSON.stringify(detail),
  }));
  const reply = await client.send(new PutEventsCommand({ Entries }));
  if (!reply.FailedEntryCount) return [];
  return events.flatMap((event, index) => {
    const code = reply.Entries?.[index]?.ErrorCode;
    return code ? [{ event, code }] : [];
  });
}
