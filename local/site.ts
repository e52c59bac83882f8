/** The browser phone and the console, as vite has built them, and the `/config.json` that tells them of this stack. */
import { siteConfig, siteFile } from "../tools/console/site.ts";
import type { HttpRequest, HttpResponse } from "../packages/local-aws/src/http-api/http-message.ts";
import { PAGES } from "./build-pages.ts";
import { PEOPLE } from "./people.ts";

/** Undefined for other paths. */
export const builtPage = ({ path }: HttpRequest): HttpResponse | undefined =>
  siteFile(PAGES, ["phone", "console"], path);

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
