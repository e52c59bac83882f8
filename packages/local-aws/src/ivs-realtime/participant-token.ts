/**
 * Checks a participant token as IVS does when a client joins.
 *
 * T1 A signed token is an ES384 JWT whose `kid` is the ARN of an imported public key that still exists.
 * T2 Every claim but `user_id` and `attributes` is mandatory; `exp` is at most 14 days after `iat`.
 * T3 `resource` and `topic` name one stage, and `events_url` and `whip_url` are that stage's endpoints.
 * T4 Expiry is checked on joining, and never again.
 * T5 After DisconnectParticipant, or with its stage deleted, a token is dead.
 */
import { verify } from "node:crypto";
import * as z from "zod";
import { StageError } from "./ivs-error.ts";
import type { ParticipantGrant, Stage, World } from "./world.ts";

const LONGEST_LIFE_SECONDS = 14 * 24 * 3_600;
const LARGEST_ATTRIBUTES_BYTES = 1_024;

const header = z.object({ alg: z.literal("ES384"), typ: z.literal("JWT"), kid: z.string() });

const claims = z
  .object({
    exp: z.int(),
    iat: z.int(),
    jti: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
    user_id: z.string().max(128).optional(),
    resource: z.string(),
    topic: z.string(),
    events_url: z.string(),
    whip_url: z.string(),
    capabilities: z.object({
      allow_publish: z.boolean().optional(),
      allow_subscribe: z.boolean().optional(),
    }),
    attributes: z
      .record(z.string(), z.string())
      .refine((map) => Buffer.byteLength(JSON.stringify(map)) <= LARGEST_ATTRIBUTES_BYTES, "larger than 1 KB")
      .default({}),
    version: z.literal("1.0"),
  })
  .refine(({ exp, iat }) => exp > iat && exp <= iat + LONGEST_LIFE_SECONDS, {
    path: ["exp"],
    message: "must be after iat, by 14 days at most",
  });

type Claims = z.infer<typeof claims>;

export interface Admission {
  readonly stage: Stage;
  readonly grant: ParticipantGrant;
}

/** Throws a StageError named as the broadcast SDK names it. */
export function checkToken(world: World, token: string, nowMs: number): Admission {
  const issued = world.issuedTokens.get(token);
  const { stage, grant } = issued
    ? { stage: stageOf(world, issued.stageArn), grant: issued }
    : signed(world, token);
  if (stage.disconnected.has(grant.participantId)) {
    throw new StageError(
      "PARTICIPANT_DISCONNECTED",
      `participant ${grant.participantId} has been disconnected`,
    );
  }
  if (grant.expiresAtMs <= nowMs) {
    throw new StageError("TOKEN_EXPIRED", `expired ${new Date(grant.expiresAtMs).toISOString()}`);
  }
  return { stage, grant };
}

function signed(world: World, token: string): Admission {
  const parts = token.split(".");
  const [head = "", body = "", signature = ""] = parts;
  if (parts.length !== 3) throw new StageError("TOKEN_MALFORMED", "neither a JWT nor issued by this service");
  const { kid } = decode(header, head, "header");
  const publicKey = world.keys.get(kid);
  if (!publicKey) throw new StageError("TOKEN_NOT_ALLOWED", `no public key ${kid}`);
  const key = { key: publicKey.key, dsaEncoding: "ieee-p1363" } as const;
  if (!verify("sha384", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url"))) {
    throw new StageError("TOKEN_NOT_ALLOWED", "the signature does not fit the public key");
  }
  const claimed = decode(claims, body, "claim");
  return { stage: stageClaimed(world, claimed), grant: grantOf(claimed) };
}

function decode<S extends z.ZodType>(schema: S, part: string, what: string): z.infer<S> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(part, "base64url").toString());
  } catch (cause) {
    throw new StageError("TOKEN_MALFORMED", `${what} is not JSON: ${String(cause)}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new StageError("TOKEN_MALFORMED", `${what} ${issue?.path.join(".")}: ${issue?.message}`);
}

function stageOf(world: World, arn: string): Stage {
  const stage = world.stages.get(arn);
  if (stage) return stage;
  if (world.deletedStages.has(arn)) throw new StageError("STAGE_DELETED", arn);
  throw new StageError("TOKEN_NOT_ALLOWED", `no stage ${arn}`);
}

function stageClaimed(world: World, { resource, topic, events_url, whip_url }: Claims): Stage {
  const stage = stageOf(world, resource);
  if (topic !== resource.split(":stage/")[1]) throw new StageError("TOKEN_NOT_ALLOWED", `topic ${topic}`);
  if (events_url !== stage.endpoints.events || whip_url !== stage.endpoints.whip) {
    throw new StageError("TOKEN_NOT_ALLOWED", "events_url and whip_url are not the endpoints of the stage");
  }
  return stage;
}

function grantOf({ jti, resource, user_id, attributes, capabilities, exp }: Claims): ParticipantGrant {
  return {
    participantId: jti,
    stageArn: resource,
    userId: user_id ?? "",
    attributes,
    mayPublish: capabilities.allow_publish ?? false,
    maySubscribe: capabilities.allow_subscribe ?? false,
    expiresAtMs: exp * 1_000,
  };
}
