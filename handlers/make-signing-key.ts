/** Custom resource: makes, and in the end removes, the key pair that participant tokens are signed with. */
import { signingKeyMaker } from "./media/ivs/signing-key-maker.ts";
import { customResource } from "./edge/custom-resource.ts";
import { readIvsEnvironment } from "./media/ivs/environment.ts";
import { makeSigningKey } from "./media/ivs/make-signing-key.ts";

const maker = signingKeyMaker(readIvsEnvironment("AWS_REGION", "SIGNING_KEY_SECRET_ARN"));

export const handler = customResource((request) => makeSigningKey(maker, request));
