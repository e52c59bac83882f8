/** ListStageSessions, GetStageSession and ListParticipantEvents: what happened on a stage. */
import * as z from "zod";
import type { Operation, Shape } from "../local-aws.ts";
import { notFound } from "./ivs-error.ts";
import { isoTime, ivsOperation, maxResults, nextToken, page, participantId, read } from "./request.ts";
import { sessionId, stageArn } from "./request.ts";
import { sessionOf, type StageSession, stageAt, type World } from "./world.ts";

const paging = { nextToken: nextToken.optional(), maxResults: maxResults(100).optional() };
const listRequest = z.strictObject({ stageArn, ...paging });
const getRequest = z.strictObject({ stageArn, sessionId });
const eventsRequest = z.strictObject({ stageArn, sessionId, participantId, ...paging });

function shape({ id, startMs, endMs }: StageSession): Shape {
  return {
    sessionId: id,
    startTime: isoTime(startMs),
    ...(endMs === undefined ? {} : { endTime: isoTime(endMs) }),
  };
}

export function sessionOperations(world: World): Record<string, Operation> {
  return {
    ListStageSessions: ivsOperation({
      name: "ListStageSessions",
      perSecond: 5,
      on: { member: "stageArn" },
      run(input) {
        const asked = read(listRequest, input);
        const { sessions } = stageAt(world, asked.stageArn);
        const newestFirst = sessions.toReversed();
        const { items, ...rest } = page(newestFirst, (_, index) => index + 1 - sessions.length, asked);
        return { stageSessions: items.map(shape), ...rest };
      },
    }),
    GetStageSession: ivsOperation({
      name: "GetStageSession",
      perSecond: 5,
      on: { member: "stageArn" },
      run(input) {
        const asked = read(getRequest, input);
        return { stageSession: shape(sessionOf(stageAt(world, asked.stageArn), asked.sessionId)) };
      },
    }),
    ListParticipantEvents: listParticipantEvents(world),
  };
}

function listParticipantEvents(world: World): Operation {
  return ivsOperation({
    name: "ListParticipantEvents",
    perSecond: 5,
    on: { member: "stageArn" },
    run(input) {
      const asked = read(eventsRequest, input);
      const session = sessionOf(stageAt(world, asked.stageArn), asked.sessionId);
      const participant = session.participants.get(asked.participantId);
      if (!participant) throw notFound(asked.participantId);
      const { items, ...rest } = page(participant.events, (_, index) => index, asked);
      const events = items.map(({ name, atMs, errorCode }) => ({
        name,
        participantId: asked.participantId,
        eventTime: isoTime(atMs),
        ...(errorCode ? { errorCode } : {}),
      }));
      return { events, ...rest };
    },
  });
}
