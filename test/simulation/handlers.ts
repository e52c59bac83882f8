/** The functions of the model: the files that are bundled for a deployment. They read the environment when they load. */
import { functionEnvironment } from "../function-environment.ts";
import type { Handlers } from "./function-runs.ts";

export const simulatedEnvironment = {
  ...functionEnvironment,
  PUSH: "pinpoint",
  PINPOINT_APP_ID: "simulated",
} as const;

/** Loads what functions load on demand as well: it would take turns of the event loop in the middle of a run. */
export async function loadHandlers(): Promise<Handlers> {
  Object.assign(process.env, simulatedEnvironment);
  await Promise.all([
    import("../../handlers/clients/register.ts"),
    import("../../handlers/clients/client-settings.ts"),
    import("../../handlers/store/client-settings.ts"),
    import("../../handlers/rest/enter-call.ts"),
    import("../../handlers/rest/history.ts"),
    import("../../handlers/push/pinpoint/pinpoint-push.ts"),
    import("../../handlers/media/ivs/pool/keeper-row.ts"),
    import("../../handlers/media/ivs/pool/pool-keeper.ts"),
  ]);
  const loaded = await Promise.all([
    import("../../handlers/rest-entrypoint.ts"),
    import("../../handlers/drive-call.ts"),
    import("../../handlers/follow-call.ts"),
    import("../../handlers/send-push.ts"),
    import("../../handlers/issue-token.ts"),
    import("../../handlers/close-stage.ts"),
    import("../../handlers/screen-hints.ts"),
    import("../../handlers/verify-legs.ts"),
    import("../../handlers/remove-participants.ts"),
    import("../../handlers/sweep-calls.ts"),
    import("../../handlers/keep-stages.ts"),
  ]);
  const [rest, drive, follow, push, token, close, hints, legs, remove, sweep, keep] = loaded;
  return {
    "rest-entrypoint": rest.handler,
    "drive-call": drive.handler,
    "follow-call": follow.handler,
    "send-push": push.handler,
    "issue-token": token.handler,
    "close-stage": close.handler,
    "screen-hints": hints.handler,
    "verify-legs": legs.handler,
    "remove-participants": remove.handler,
    "sweep-calls": sweep.handler,
    "keep-stages": keep.handler,
  } as Handlers; // each has Lambda's own type of context
}
