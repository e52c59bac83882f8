/** The account's default bus, which carries what the media provider says of participants: IVS's events come there by themselves. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { clientOptions } from "../../edge/client-options.ts";
import { PARTICIPANT_CHANGED, WEBHOOK_SOURCE } from "./participant-changed.ts";
import type { ParticipantChange } from "./webhook.ts";

export function defaultBus(region: string): (change: ParticipantChange) => Promise<void> {
  const client = new EventBridgeClient(clientOptions(region));
  return async (change) => {
    const entry = { Source: WEBHOOK_SOURCE, DetailType: PARTICIPANT_CHANGED, Detail: JSON.stringify(change) };
    const { Entries: [put] = [] } = await client.send(new PutEventsCommand({ Entries: [entry] }));
    if (put?.ErrorCode) throw new Error(`the default bus refused a participant's event: ${put.ErrorCode}`);
  };
}
