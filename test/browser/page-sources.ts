/** What the pages are made from, for `npm test -- --changed`: a browser loads them as vite has built them. */
import "../stack-sources.ts";

export const pageSources = import.meta.glob("../../web/*/main.{ts,tsx}");
