/** The browser phone and the console, as vite has built them, and the `/config.json` that tells them of this stack. */
import { gzipSync } from "node:zlib";
import { siteConfig, siteFile } from "../tools/console/site.ts";
import {
  headerOf,
  type HttpRequest,
  type HttpResponse,
} from "../packages/local-aws/src/http-api/http-message.ts";
import { PAGES } from "./build-pages.ts";
import { PEOPLE } from "./people.ts";

/** Undefined for other paths. Text is compressed, as CloudFront does it for a deployed site. */
export function builtPage(request: HttpRequest): HttpResponse | undefined {
  const file = siteFile(PAGES, ["phone", "console"], request.path);
  const isText = /^text|json|svg/.test(String(file?.headers["content-type"]));
  if (!file || !isText || !headerOf(request, "accept-encoding")?.includes("gzip")) return file;
  const headers = { ...file.headers, "content-encoding": "gzip", vary: "accept-encoding" };
  return { ...file, headers, body: gzipSync(file.body) };
}

/** The people are the local runtime's own. */
export const localConfig = (
  outputs: Readonly<Record<string, string>>,
  { app, aws }: { readonly app: string; readonly aws: string },
): object => ({
  ...siteConfig(
    {
      region: outputs["Region"],
      userPoolId: outputs["UserPoolId"],
      userPoolClientId: outputs["UserPoolClientId"],
      apiUrl: app,
      graphqlUrl: `${app}/graphql`,
      mediaUrl: outputs["MediaUrl"],
    },
    aws,
  ),
  people: PEOPLE.map(({ username, password }) => ({ username, password })),
});
