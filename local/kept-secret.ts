/** Secrets that exist before the stack on AWS, and that a laptop has to make: push credentials, keys of a media server. */
import { AwsError, type LocalAws, PERSON, type Shape } from "../packages/local-aws/src/local-aws.ts";
import { asItIs } from "../packages/local-aws/src/store/store.ts";

/** Leaves alone a secret that the template makes itself, and writes the present value into one that an earlier run has made. */
export async function keepSecret(
  localAws: LocalAws,
  Name: string | undefined,
  SecretString: string,
): Promise<void> {
  if (!Name) return;
  const made = localAws.store.map("push.secrets", asItIs<true>());
  const secret = (operation: string, input: Shape) =>
    localAws.call({ service: "secretsmanager", operation, input, caller: PERSON });
  if (made.has(Name)) return void (await secret("PutSecretValue", { SecretId: Name, SecretString }));
  try {
    await secret("CreateSecret", { Name, SecretString });
    made.set(Name, true);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== "ResourceExistsException") throw error;
  }
}
