/** Signing keys through the API of IVS Real-Time. */
import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { signingKeyMaker } from "../../handlers/media/ivs/signing-key-maker.ts";
import { createIvsRealtime } from "../../packages/local-aws/src/ivs-realtime/ivs-realtime.ts";
import { type TestAws, serveTestAws, REGION } from "../../packages/local-aws/test/served-aws.ts";

let aws: TestAws;
openForEach(serveTestAws, (opened) => {
  aws = opened;
  aws.localAws.register(createIvsRealtime(aws.localAws).service);
});

function publicKey(): string {
  const { publicKey: key } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  return key.export({ type: "spki", format: "pem" }).toString();
}

test("the fourth key of a Region is refused with the limit and what to do", async () => {
  const maker = signingKeyMaker({ AWS_REGION: REGION, SIGNING_KEY_SECRET_ARN: "secret" });
  for (const name of ["one", "two", "three"]) await maker.importPublicKey(publicKey(), name);
  await aws.clock.advance(1_000);
  await expect(maker.importPublicKey(publicKey(), "four")).rejects.toThrow(
    "IVS keeps 3 public keys in a Region, and us-east-1 has them: each stack needs one. Delete a stack there",
  );
});
