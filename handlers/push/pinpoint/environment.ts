/** This provider's variable: the Pinpoint application of its channels. Without one there is no provider. */
import * as z from "zod/mini";
import { name } from "../../edge/environment.ts";

export const pinpointVariables = { AWS_REGION: name, PINPOINT_APP_ID: z.optional(name) } as const;
export type PinpointVariable = keyof typeof pinpointVariables;
