/**
 * Custom resource: makes the key pair that participant tokens are signed with, imports its public half into IVS and puts
 * the private half into the stack's secret. An update never changes the key. Deleting removes the public key, which
 * ends every token signed with the private one.
 */
import { generateKeyPairSync } from "node:crypto";
import { request as httpsRequest } from "node:https";
import * as z from "zod";
import { signingKeyMaker } from "./adapters/signing-key-maker.ts";
import { readEnvironment } from "./environment.ts";
import { defineHandler, logger } from "./handler.ts";

const request = z.object({
  RequestType: z.enum(["Create", "Update", "Delete"]),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
});
type Request = z.infer<typeof request>;

export interface SigningKeyMaker {
  importPublicKey(pem: string): Promise<string>;
  deletePublicKey(arn: string): Promise<void>;
  putSecret(value: { kid: string; pem: string }): Promise<void>;
}

/** The ARN of the public key: the resource's physical id. */
export async function makeSigningKey(
  maker: SigningKeyMaker,
  { RequestType, PhysicalResourceId }: Request,
): Promise<string> {
  switch (RequestType) {
    case "Create": {
      const { publicKey, privateKey } = generateKeyPairSync("ec", {
        namedCurve: "P-384",
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
      });
      const kid = await maker.importPublicKey(publicKey);
      try {
        await maker.putSecret({ kid, pem: privateKey });
      } catch (error) {
        // IVS keeps 3 keys a Region, and nobody else knows this one.
        await maker.deletePublicKey(kid);
        throw error;
      }
      return kid;
    }
    case "Update":
      return PhysicalResourceId ?? "";
    case "Delete":
      if (PhysicalResourceId?.startsWith("arn:")) await maker.deletePublicKey(PhysicalResourceId);
      return PhysicalResourceId ?? "";
  }
}

const maker = signingKeyMaker(readEnvironment("AWS_REGION", "SIGNING_KEY_SECRET_ARN"));

/** CloudFormation waits for this reply: an hour, if it never comes. So a failure is replied too. */
function reply(
  to: Request,
  outcome: { Status: "SUCCESS" | "FAILED"; PhysicalResourceId: string; Reason?: string },
): Promise<void> {
  const { StackId, RequestId, LogicalResourceId } = to;
  const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, ...outcome });
  // The address is signed for exactly these headers: no content type.
  const headers = { "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const put = httpsRequest(to.ResponseURL, { method: "PUT", headers }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`CloudFormation refused the reply with status ${response.statusCode}`));
    });
    put.on("error", reject);
    put.end(body);
  });
}

export const handler = defineHandler(request, async (asked) => {
  try {
    await reply(asked, { Status: "SUCCESS", PhysicalResourceId: await makeSigningKey(maker, asked) });
  } catch (error) {
    const Reason = error instanceof Error ? error.message : String(error);
    logger.error("signing key", { requestType: asked.RequestType, reason: Reason });
    await reply(asked, {
      Status: "FAILED",
      PhysicalResourceId: asked.PhysicalResourceId ?? asked.RequestId,
      Reason,
    });
  }
});
