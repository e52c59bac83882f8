/**
 * The stage of `npm start` in a browser, under the IVS Web SDK's names: `ivsMedia({ sdk: localStage("http://127.0.0.1:4000") })`.
 * Media goes from page to page; who is there is the local IVS's to say.
 */
import type { StageSdk } from "./ivs/stage.ts";
import { localStageSdk, signallingUrlOf } from "./local/local-stage.ts";

/** `appUrl`: where the app's API is served. */
export const localStage = (appUrl: string): StageSdk => localStageSdk(signallingUrlOf(appUrl));
