/** AWS Secrets Manager on a laptop. */
import * as z from "zod";
import { AwsError, type LocalAws, type Service } from "../local-aws.ts";
import type { ResourceType, ResourceTypes } from "../resource.ts";
import { resolveReferences } from "./dynamic-reference.ts";
import { generateSecretString } from "./generate-secret-string.ts";
import { forgetDeleted, secretOperations } from "./operations.ts";
import { findSecret, makeSecret, newVersionId, putVersion, type Secrets } from "./secrets.ts";
import { CURRENT, secretForm, versionAt } from "./secrets.ts";

export interface SecretsManager {
  readonly service: Service;
  readonly resources: ResourceTypes;
  /** Replaces every `{{resolve:secretsmanager:…}}` in the text; throws if a secret or a key of it is missing. */
  readonly resolveDynamicReference: (text: string) => string;
}

export function createSecretsManager(localAws: LocalAws): SecretsManager {
  const secrets: Secrets = localAws.store.map("secretsmanager.secrets", secretForm);
  forgetDeleted(secrets, localAws);
  return {
    service: {
      name: "secretsmanager",
      operations: secretOperations(secrets, localAws),
      throttled: () => new AwsError("ThrottlingException", "Rate exceeded"),
    },
    resources: { "AWS::SecretsManager::Secret": secretResource(secrets, localAws) },
    resolveDynamicReference: (text) => resolveReferences(secrets, text),
  };
}

const properties = z.object({
  Name: z.string().optional(),
  Description: z.string().optional(),
  SecretString: z.string().optional(),
  GenerateSecretString: z.unknown().optional(),
  Tags: z.array(z.unknown()).optional(),
});

/** A name of CloudFormation's making may have this many characters. */
const LONGEST_NAME = 512;

function secretResource(secrets: Secrets, localAws: LocalAws): ResourceType {
  return {
    honoured: ["Name", "Description", "SecretString", "GenerateSecretString", "Tags"],
    ignored: ["KmsKeyId"],
    replacedBy: ["Name"],
    remove: (arn) => void secrets.delete(arn),
    create(request) {
      const { logicalId } = request;
      const asked = properties.parse(request.properties);
      const { SecretString, GenerateSecretString: rules } = asked;
      if (SecretString !== undefined && rules !== undefined) {
        throw new Error(`${logicalId}: either SecretString or GenerateSecretString`);
      }
      const name = asked.Name ?? request.physicalName(LONGEST_NAME);
      const described = { name, description: asked.Description, tags: asked.Tags };
      const existing = request.before && findSecret(secrets, request.before.ref);
      const secret = existing ? Object.assign(existing, described) : makeSecret(secrets, localAws, described);
      // What was generated stays; only a text that the template gives can be another one now.
      const current = versionAt(secret, CURRENT)?.text;
      const text = rules === undefined ? SecretString : (current ?? generateSecretString(rules));
      if (text !== undefined && text !== current) {
        putVersion(secret, { text, id: newVersionId(), nowMs: localAws.clock.now() });
      }
      secrets.set(secret.arn, secret);
      return { ref: secret.arn, attributes: { Id: secret.arn } };
    },
  };
}
