/** The programs that tests start as separate processes, listed for `npm test -- --changed`. This file is never loaded. */
import "../stack-sources.ts";

export const programs = [() => import("../../local/main.ts"), () => import("../../local/demo/demo.ts")];
