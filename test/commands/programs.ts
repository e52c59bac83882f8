/** The programs that tests start as processes of their own, for `npm test -- --changed`. Nothing here is ever loaded. */
import "../stack-sources.ts";

export const programs = [() => import("../../local/main.ts"), () => import("../../local/demo/demo.ts")];
