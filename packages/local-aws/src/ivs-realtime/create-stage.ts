/** CreateStage, and the making of a stage that AWS::IVS::Stage shares with it. */
import * as z from "zod";
import type { LocalAws, Operation, Shape } from "../local-aws.ts";
import { lettersAndDigits } from "./ids.ts";
import { issueToken, tokenConfiguration } from "./issue-token.ts";
import { quotaExceeded } from "./ivs-error.ts";
import { ivsOperation, read, resourceName, tags } from "./request.ts";
import type { Stage, StageEndpoints, World } from "./world.ts";

const request = z.strictObject({
  name: resourceName.optional(),
  participantTokenConfigurations: z.array(z.strictObject(tokenConfiguration)).max(12).optional(),
  tags: tags.optional(),
});

export function createStage(world: World, localAws: LocalAws): Operation {
  return ivsOperation({
    name: "CreateStage",
    perSecond: 5,
    on: { arn: localAws.arn("ivs", "stage/*") },
    mayTag: true,
    run(input) {
      const asked = read(request, input);
      const stage = makeStage(world, localAws, { name: asked.name ?? "", tags: asked.tags ?? {} });
      const configurations = asked.participantTokenConfigurations ?? [];
      const participantTokens = configurations.map((each) => issueToken({ world, localAws }, stage, each));
      return { stage: stageShape(stage), participantTokens };
    },
  });
}

export function makeStage(
  world: World,
  localAws: LocalAws,
  { name, tags: given }: { name: string; tags: Readonly<Record<string, string>> },
): Stage {
  if (world.stages.size >= world.quotas.stages) throw quotaExceeded("Stages");
  world.stagesCreated += 1;
  const stage: Stage = {
    arn: localAws.arn("ivs", `stage/${lettersAndDigits(12)}`),
    serial: world.stagesCreated,
    name,
    endpoints: newEndpoints(),
    tags: new Map(Object.entries(given)),
    sessions: [],
    connections: new Map(),
    disconnected: new Set(),
  };
  world.stages.set(stage.arn, stage);
  return stage;
}

function newEndpoints(): StageEndpoints {
  const host = `${lettersAndDigits(14).toLowerCase()}.global-bm`;
  return {
    events: "wss://global.events.live-video.net",
    whip: `https://${host}.whip.live-video.net`,
    rtmp: `rtmp://${host}.rtmp.live-video.net:1935/app/`,
    rtmps: `rtmps://${host}.rtmp.live-video.net:443/app/`,
  };
}

/** `activeSessionId` is absent while there is no session. */
export function stageSummary({ arn, name, activeSession, tags: given }: Stage): Shape {
  return {
    arn,
    name,
    ...(activeSession ? { activeSessionId: activeSession.id } : {}),
    tags: Object.fromEntries(given),
  };
}

export const stageShape = (stage: Stage): Shape => ({ ...stageSummary(stage), endpoints: stage.endpoints });
