/** By night: mends remains of crashes among clients and devices. */
import * as z from "zod/mini";
import { callStore } from "./store/call-store.ts";
import { clientStore } from "./store/client-store.ts";
import { stateWalk } from "./store/state-walk.ts";
import { readEnvironment } from "./edge/environment.ts";
import { count, defineHandler, edge, logger } from "./edge/handler.ts";
import { type HealState, healState } from "./clients/heal-state.ts";

const env = readEnvironment("AWS_REGION", "CLIENTS_TABLE", "DEVICES_TABLE", "CALLS_TABLE");
const tools: HealState = { walk: stateWalk(env), clients: clientStore(env), calls: callStore(env), edge };

export const handler = defineHandler(z.unknown(), async () => {
  const healed = await healState(tools);
  logger.info("healed", healed);
  for (const what of ["slots", "devices", "tokens"] as const) count(`Healed_${what}`, healed[what]);
});
