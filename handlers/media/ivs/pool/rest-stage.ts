/** The stage of an ended call rests: nobody leases it before the last token of the call is spent. */
import type { RoomClosing } from "../../port.ts";
import type { IvsEnvironment } from "../environment.ts";
import { rested } from "./stage-pool.ts";
import { stageStore, type StageStore } from "./stage-store.ts";

export const restingStages = (env: IvsEnvironment<"AWS_REGION" | "STAGES_TABLE">): RoomClosing =>
  closingOf(stageStore(env));

export const closingOf = (stages: Pick<StageStore, "read" | "replace">): RoomClosing => ({
  async held({ stageId }, callId) {
    const stage = await stages.read(stageId);
    // A stage that is no longer this call's is left alone.
    if (stage?.status !== "leased" || stage.callId !== callId) return undefined;
    return {
      async release(tokensUntilMs, nowMs) {
        await stages.replace(stage, rested(stage, tokensUntilMs, nowMs));
      },
    };
  },
});
