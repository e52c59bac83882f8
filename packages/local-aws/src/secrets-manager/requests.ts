/** What a request may hold. A member that is not listed here is refused by its name. */
import * as z from "zod";
import { AwsError, type Shape } from "../local-aws.ts";
import { invalidParameter, type SecretValue } from "./secrets.ts";

const tags = z.array(z.strictObject({ Key: z.string(), Value: z.string() }));
const SecretId = z.string().min(1).max(2_048);
const value = { SecretString: z.string().max(65_536).optional(), SecretBinary: z.string().optional() };
const token = { ClientRequestToken: z.string().min(32).max(64).optional() };
/** The local runtime encrypts nothing. */
const key = { KmsKeyId: z.string().optional() };

export const requests = {
  CreateSecret: z.strictObject({
    Name: z.string(),
    Description: z.string().optional(),
    Tags: tags.optional(),
    ...value,
    ...token,
    ...key,
  }),
  GetSecretValue: z.strictObject({
    SecretId,
    VersionId: z.string().optional(),
    VersionStage: z.string().optional(),
  }),
  PutSecretValue: z.strictObject({
    SecretId,
    VersionStages: z.array(z.string().min(1).max(256)).min(1).max(20).optional(),
    ...value,
    ...token,
  }),
  UpdateSecret: z.strictObject({ SecretId, Description: z.string().optional(), ...value, ...token, ...key }),
  DescribeSecret: z.strictObject({ SecretId }),
  DeleteSecret: z.strictObject({
    SecretId,
    RecoveryWindowInDays: z.int().min(7).max(30).optional(),
    ForceDeleteWithoutRecovery: z.boolean().optional(),
  }),
  ListSecrets: z.strictObject({
    MaxResults: z.int().min(1).max(100).optional(),
    NextToken: z.string().optional(),
    IncludePlannedDeletion: z.boolean().optional(),
  }),
};

export function read<S extends z.ZodType>(schema: S, input: Shape): z.infer<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : issue?.path.join(".");
  const rule = `failed to satisfy constraint: ${issue?.message}`;
  throw new AwsError("ValidationException", `1 validation error detected: Value at '${field}' ${rule}`);
}

interface WireValue {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: string | undefined;
}

export function valueOf({ SecretString, SecretBinary }: WireValue): SecretValue | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter("You can't specify both a binary secret value and a string secret value.");
  }
  if (SecretString !== undefined) return { text: SecretString };
  return SecretBinary === undefined ? undefined : { binary: SecretBinary };
}
