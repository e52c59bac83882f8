/** The sources of the pages, for `npm test -- --changed`, because the browser loads the files that vite has built. */
import "../stack-sources.ts";

export const pageSources = import.meta.glob("../../web/*/main.{ts,tsx}");
