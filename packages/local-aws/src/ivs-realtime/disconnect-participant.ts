/**
 * DisconnectParticipant: the connection is dropped and the token never works again.
 *
 * A participant is known once it has joined, also if it has left since; AWS documents no answer for others. The token of one
 * who has never joined lives on.
 */
import * as z from "zod";
import type { Operation } from "../local-aws.ts";
import { notFound } from "./ivs-error.ts";
import type { Connections } from "./media-plane.ts";
import { ivsOperation, participantId, read, stageArn } from "./request.ts";
import { stageAt, type World } from "./world.ts";

const request = z.strictObject({ stageArn, participantId, reason: z.string().max(128).optional() });

export function disconnectParticipant(world: World, { drop }: Connections): Operation {
  return ivsOperation({
    name: "DisconnectParticipant",
    perSecond: 5,
    on: { member: "stageArn" },
    run(input) {
      const asked = read(request, input);
      const stage = stageAt(world, asked.stageArn);
      const joined = stage.sessions.some(({ participants }) => participants.has(asked.participantId));
      if (!joined) throw notFound(asked.participantId);
      stage.disconnected.add(asked.participantId);
      world.stages.set(stage.arn, stage);
      const connection = stage.connections.get(asked.participantId);
      if (connection) drop(stage, connection, "participant-disconnected");
      return {};
    },
  });
}
