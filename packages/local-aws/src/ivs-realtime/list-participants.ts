/** ListParticipants and GetParticipant: who took part in a stage session. */
import * as z from "zod";
import type { Operation, Shape } from "../local-aws.ts";
import { invalid, notFound } from "./ivs-error.ts";
import { isoTime, ivsOperation, maxResults, nextToken, page, participantId, read } from "./request.ts";
import { sessionId, stageArn } from "./request.ts";
import { type SessionParticipant, sessionOf, stageAt, type World } from "./world.ts";

const listRequest = z.strictObject({
  stageArn,
  sessionId,
  filterByUserId: z.string().max(128).optional(),
  filterByPublished: z.boolean().optional(),
  filterByState: z.enum(["CONNECTED", "DISCONNECTED"]).optional(),
  filterByRecordingState: z.enum(["STARTING", "ACTIVE", "STOPPING", "STOPPED", "FAILED"]).optional(),
  nextToken: nextToken.optional(),
  maxResults: maxResults(100).optional(),
});
const getRequest = z.strictObject({ stageArn, sessionId, participantId });

type Filters = Pick<
  z.infer<typeof listRequest>,
  "filterByUserId" | "filterByPublished" | "filterByState" | "filterByRecordingState"
>;

const stateOf = ({ connected }: SessionParticipant) => (connected ? "CONNECTED" : "DISCONNECTED");

function matcher(filters: Filters): (participant: SessionParticipant) => boolean {
  const { filterByUserId, filterByPublished, filterByState, filterByRecordingState } = filters;
  const given = [filterByUserId, filterByPublished, filterByState, filterByRecordingState];
  if (given.filter((filter) => filter !== undefined).length > 1) {
    throw invalid("filterBy", "Only one filter can be provided per request");
  }
  if (filterByRecordingState) return () => false;
  if (filterByUserId !== undefined) return ({ userId }) => userId === filterByUserId;
  if (filterByPublished !== undefined) return ({ everPublished }) => everPublished === filterByPublished;
  return filterByState ? (participant) => stateOf(participant) === filterByState : () => true;
}

/** Nothing is recorded or replicated here. */
function summary(participant: SessionParticipant): Shape {
  return {
    participantId: participant.participantId,
    userId: participant.userId,
    state: stateOf(participant),
    firstJoinTime: isoTime(participant.firstJoinMs),
    published: participant.everPublished,
    recordingState: "DISABLED",
    replicationType: "NONE",
  };
}

export function listParticipants(world: World): Operation {
  return ivsOperation({
    name: "ListParticipants",
    perSecond: 5,
    on: { member: "stageArn" },
    run(input) {
      const asked = read(listRequest, input);
      const session = sessionOf(stageAt(world, asked.stageArn), asked.sessionId);
      const matches = matcher(asked);
      const placed = [...session.participants.values()].map((participant, position) => ({
        participant,
        position,
      }));
      const matching = placed.filter(({ participant }) => matches(participant));
      const { items, ...rest } = page(matching, ({ position }) => position, asked);
      return { participants: items.map(({ participant }) => summary(participant)), ...rest };
    },
  });
}

export function getParticipant(world: World): Operation {
  return ivsOperation({
    name: "GetParticipant",
    perSecond: 5,
    on: { member: "stageArn" },
    run(input) {
      const asked = read(getRequest, input);
      const session = sessionOf(stageAt(world, asked.stageArn), asked.sessionId);
      const participant = session.participants.get(asked.participantId);
      if (!participant) throw notFound(asked.participantId);
      const recording = { recordingS3BucketName: "", recordingS3Prefix: "" };
      return {
        participant: { ...summary(participant), attributes: participant.attributes, ...recording },
      };
    },
  });
}
