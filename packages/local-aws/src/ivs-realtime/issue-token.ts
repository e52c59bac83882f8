/** Participant tokens that IVS issues itself: opaque to every other reader. */
import * as z from "zod";
import type { LocalAws, Shape } from "../local-aws.ts";
import { lettersAndDigits } from "./ids.ts";
import { isoTime } from "./request.ts";
import type { Stage, World } from "./world.ts";

const DEFAULT_MINUTES = 720;
const LONGEST_MINUTES = 20_160;
const LARGEST_ATTRIBUTES_BYTES = 1_024;

export const tokenConfiguration = {
  duration: z.int().min(1).max(LONGEST_MINUTES).optional(),
  userId: z.string().max(128).optional(),
  attributes: z
    .record(z.string(), z.string())
    .refine(
      (map) => Buffer.byteLength(JSON.stringify(map)) <= LARGEST_ATTRIBUTES_BYTES,
      "Member must have at most 1 KB in total",
    )
    .optional(),
  capabilities: z
    .array(z.enum(["PUBLISH", "SUBSCRIBE"]))
    .max(2)
    .optional(),
};

const configuration = z.strictObject(tokenConfiguration);

/** The `ParticipantToken` of the API. */
export function issueToken(
  { world, localAws }: { world: World; localAws: LocalAws },
  stage: Stage,
  { duration = DEFAULT_MINUTES, userId, attributes, capabilities }: z.infer<typeof configuration>,
): Shape {
  const granted = capabilities?.length ? capabilities : ["PUBLISH", "SUBSCRIBE"];
  const participantId = lettersAndDigits(12);
  const token = lettersAndDigits(120);
  const expiresAtMs = localAws.clock.now() + duration * 60_000;
  world.issuedTokens.set(token, {
    participantId,
    stageArn: stage.arn,
    userId: userId ?? "",
    attributes: attributes ?? {},
    mayPublish: granted.includes("PUBLISH"),
    maySubscribe: granted.includes("SUBSCRIBE"),
    expiresAtMs,
  });
  return {
    participantId,
    token,
    ...(userId === undefined ? {} : { userId }),
    ...(attributes ? { attributes } : {}),
    duration,
    capabilities: granted,
    expirationTime: isoTime(expiresAtMs),
  };
}
