/**
 * The key that signs participant tokens: a secret for the private half, and a custom resource that makes the pair once,
 * when the stack is created, and imports the public half into IVS. Its properties never change, so no update touches
 * the key.
 */
import { CfnResource, CustomResource, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import { createFunction, setVariable } from "./function.ts";
import { fixLogicalId } from "./logical-id.ts";

export class SigningKey extends Construct {
  readonly #secretArn: string;

  constructor(scope: Construct, id: string, { bundles }: { readonly bundles: string }) {
    super(scope, id);
    this.#secretArn = this.#createSecret().ref;
    const maker = createFunction(this, "make-signing-key", { bundles });
    this.grant(maker, "PutSecretValue", "GetSecretValue");
    allow(maker, ["ivs:ListPublicKeys"], "*");
    const publicKeys = Stack.of(this).formatArn({
      service: "ivs",
      resource: "public-key",
      resourceName: "*",
    });
    allow(maker, ["ivs:ImportPublicKey", "ivs:DeletePublicKey"], publicKeys);
    if (maker.role) {
      acknowledge(
        maker.role,
        "IVS chooses the id of a public key, and lists all keys at once",
        "AwsSolutions-IAM5[Resource::*]",
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ivs:<AWS::Region>:<AWS::AccountId>:public-key/*]",
      );
    }
    const key = new CustomResource(this, "key", {
      resourceType: "Custom::SigningKey",
      serviceToken: maker.functionArn,
      serviceTimeout: Duration.minutes(3),
      properties: { SecretArn: this.#secretArn },
    });
    fixLogicalId(key, "SigningKey");
  }

  /** Tells a function where the key is, and allows it these actions. */
  grant(grantee: Function, ...actions: ("GetSecretValue" | "PutSecretValue")[]): void {
    setVariable(grantee, "SIGNING_KEY_SECRET_ARN", this.#secretArn);
    allow(
      grantee,
      actions.map((action) => `secretsmanager:${action}`),
      this.#secretArn,
    );
  }

  /** Empty: the L2 secret would generate a password for a value. */
  #createSecret(): CfnResource {
    const secret = new CfnSecret(this, "secret", {
      description: "Private key that signs IVS participant tokens: {kid, pem}",
    });
    secret.overrideLogicalId("SigningKeySecret");
    secret.applyRemovalPolicy(RemovalPolicy.DESTROY);
    acknowledge(
      secret,
      "A new key must be known to IVS before it signs and the old one until its last token expires, which a rotation schedule cannot wait for",
      "AwsSolutions-SMG4",
    );
    return secret;
  }
}
