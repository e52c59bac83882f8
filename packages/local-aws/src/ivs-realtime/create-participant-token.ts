/** CreateParticipantToken. */
import * as z from "zod";
import type { LocalAws, Operation } from "../local-aws.ts";
import { issueToken, tokenConfiguration } from "./issue-token.ts";
import { ivsOperation, read, stageArn } from "./request.ts";
import { stageAt, type World } from "./world.ts";

const request = z.strictObject({ stageArn, ...tokenConfiguration });

export function createParticipantToken(world: World, localAws: LocalAws): Operation {
  return ivsOperation({
    name: "CreateParticipantToken",
    perSecond: 50,
    on: { member: "stageArn" },
    run(input) {
      const { stageArn: arn, ...configuration } = read(request, input);
      return { participantToken: issueToken({ world, localAws }, stageAt(world, arn), configuration) };
    },
  });
}
