/** The `IVS Stage Update` events that IVS puts on the default bus, best effort. */
import { type LocalAws, PERSON } from "../local-aws.ts";
import type { Connection } from "./world.ts";

export type StageEventName =
  | "Participant Published"
  | "Participant Unpublished"
  | "Participant Publish Error";

export type Announce = (name: StageEventName, connection: Connection, errorCode?: string) => void;

export function stageEvents(localAws: LocalAws): Announce {
  return (name, connection, errorCode) => {
    const time = new Date(localAws.clock.now()).toISOString();
    const precise = errorCode ? {} : { event_time_precise: time.replace("Z", "000Z") };
    const detail = {
      session_id: connection.sessionId,
      event_name: name,
      event_time: time.replace(/\.\d+Z$/, "Z"),
      ...precise,
      user_id: connection.userId,
      participant_id: connection.participantId,
      ...(errorCode ? { error_code: errorCode } : {}),
      replica: false,
    };
    const input = {
      source: "aws.ivs",
      "detail-type": "IVS Stage Update",
      resources: [connection.stageArn],
      detail,
    };
    // Best effort, as IVS does: media goes on whatever the bus says. A failure shows as an event of local AWS.
    localAws
      .call({ service: "events", operation: "PutServiceEvent", input, caller: PERSON })
      .catch(() => undefined);
  };
}
