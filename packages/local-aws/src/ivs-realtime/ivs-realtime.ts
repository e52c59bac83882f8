/** Amazon IVS Real-Time on a laptop: its API, its CloudFormation types, and who is on a stage. */
import * as z from "zod";
import type { LocalAws, Service } from "../local-aws.ts";
import type { ResourceTypes } from "../resource.ts";
import { createParticipantToken } from "./create-participant-token.ts";
import { createStage, makeStage } from "./create-stage.ts";
import { deleteStage } from "./delete-stage.ts";
import { disconnectParticipant } from "./disconnect-participant.ts";
import { addKey, importPublicKey } from "./import-public-key.ts";
import { throttled } from "./ivs-error.ts";
import { getParticipant, listParticipants } from "./list-participants.ts";
import { type Connections, type MediaPlane, mediaPlane } from "./media-plane.ts";
import { publicKeyOperations } from "./public-keys.ts";
import { sessionOperations } from "./stage-sessions.ts";
import { stageOperations } from "./stages.ts";
import { tagOperations } from "./tags.ts";
import { createWorld } from "./create-world.ts";
import type { IvsQuotas, Stage, World } from "./world.ts";

export interface IvsRealtime extends MediaPlane {
  /** A stage that is there from the start, as one of another day: no request made it, so no quota of requests is spent. */
  readonly plant: (tags: Readonly<Record<string, string>>) => Pick<Stage, "arn" | "endpoints">;
  readonly service: Service;
  readonly resources: ResourceTypes;
}

export function createIvsRealtime(localAws: LocalAws, quotas: Partial<IvsQuotas> = {}): IvsRealtime {
  const world = createWorld(localAws.store, quotas);
  const { drop, ...plane } = mediaPlane(world, localAws);
  return {
    service: ivsService(world, localAws, { drop }),
    resources: ivsResources(world, localAws),
    plant: (given) => makeStage(world, localAws, { name: "", tags: given }),
    ...plane,
  };
}

function ivsService(world: World, localAws: LocalAws, connections: Connections): Service {
  return {
    name: "ivs",
    throttled,
    operations: {
      ...stageOperations(world, localAws),
      ...sessionOperations(world),
      ...publicKeyOperations(world),
      ...tagOperations(world),
      CreateStage: createStage(world, localAws),
      DeleteStage: deleteStage(world, connections),
      CreateParticipantToken: createParticipantToken(world, localAws),
      DisconnectParticipant: disconnectParticipant(world, connections),
      ListParticipants: listParticipants(world),
      GetParticipant: getParticipant(world),
      ImportPublicKey: importPublicKey(world, localAws),
    },
  };
}

const cloudFormationTags = z.array(z.object({ Key: z.string(), Value: z.string() })).default([]);
const stageProperties = z.object({ Name: z.string().default(""), Tags: cloudFormationTags });
const keyProperties = stageProperties.extend({ PublicKeyMaterial: z.string() });

const tagMap = (list: z.infer<typeof cloudFormationTags>): Record<string, string> =>
  Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));

function ivsResources(world: World, localAws: LocalAws): ResourceTypes {
  return {
    "AWS::IVS::Stage": {
      honoured: ["Name", "Tags"],
      remove: (arn) => void world.stages.delete(arn),
      create({ properties, before }) {
        const { Name, Tags } = stageProperties.parse(properties);
        const kept = world.stages.get(before?.ref ?? "");
        if (kept)
          world.stages.set(
            kept.arn,
            Object.assign(kept, { name: Name, tags: new Map(Object.entries(tagMap(Tags))) }),
          );
        const { arn } = kept ?? makeStage(world, localAws, { name: Name, tags: tagMap(Tags) });
        return { ref: arn, attributes: { Arn: arn, ActiveSessionId: "" } };
      },
    },
    "AWS::IVS::PublicKey": {
      honoured: ["Name", "PublicKeyMaterial", "Tags"],
      replacedBy: ["Name", "PublicKeyMaterial"],
      remove: (arn) => void world.keys.delete(arn),
      create({ properties, before }) {
        const { Name, PublicKeyMaterial, Tags } = keyProperties.parse(properties);
        const asked = { material: PublicKeyMaterial, name: Name, tags: tagMap(Tags) };
        const { arn, fingerprint } = world.keys.get(before?.ref ?? "") ?? addKey(world, localAws, asked);
        return { ref: arn, attributes: { Arn: arn, Fingerprint: fingerprint } };
      },
    },
  };
}
