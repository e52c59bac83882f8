/** What the stack tells this provider: the Pinpoint application that its channels belong to. */
import { name } from "../../edge/environment.ts";

export const pinpointVariables = { AWS_REGION: name, PINPOINT_APP_ID: name } as const;
