/** The variables of functions that use LiveKit, beside those of every function. */
import * as z from "zod/mini";
import { name, readVariables, type ValuesOf } from "../../edge/environment.ts";

const variables = {
  AWS_REGION: name,
  /** Where phones connect, `wss://…`; requests go to the same host. */
  LIVEKIT_URL: z.url({ protocol: /^wss?$/ }),
  /** Name of the secret that holds the API keys. */
  LIVEKIT_SECRET: name,
} as const;

type Variables = typeof variables;
export type LiveKitVariable = keyof Variables;
export type LiveKitEnvironment<Name extends keyof Variables> = ValuesOf<Pick<Variables, Name>>;
export type LiveKitAccess = LiveKitEnvironment<"AWS_REGION" | "LIVEKIT_URL" | "LIVEKIT_SECRET">;

export function readLiveKitEnvironment<Name extends keyof Variables>(
  ...names: readonly Name[]
): LiveKitEnvironment<Name> {
  return readVariables(
    Object.fromEntries(names.map((one) => [one, variables[one]])) as Pick<Variables, Name>,
  );
}

export const readLiveKitAccess = (): LiveKitAccess =>
  readLiveKitEnvironment("AWS_REGION", "LIVEKIT_URL", "LIVEKIT_SECRET");
