/**
 * What the pages know of the stack they belong to: `/config.json`, written by the deployment of the site or served by the local
 * runtime.
 */
import * as z from "zod/mini";

const siteConfigSchema = z.object({
  runtime: z.enum(["local", "aws"]),
  region: z.string(),
  userPoolId: z.string(),
  userPoolClientId: z.string(),
  /** REST commands go there. */
  apiUrl: z.url(),
  graphqlUrl: z.url(),
  /** Where calls meet, if at a LiveKit server. */
  mediaUrl: z.optional(z.string()),
  /** Of a local runtime: where Cognito answers. */
  cognitoUrl: z.optional(z.url()),
  /** Of a local runtime: the ready-made people, so that `?as=alice` can sign in. */
  people: z.optional(z.array(z.object({ username: z.string(), password: z.string() }))),
});
export type SiteConfig = Readonly<z.infer<typeof siteConfigSchema>>;

export async function loadSiteConfig(): Promise<SiteConfig> {
  const reply = await fetch("/config.json", { cache: "no-store" });
  if (!reply.ok) throw new Error(`/config.json: HTTP ${reply.status}. Is this site deployed with its stack?`);
  return siteConfigSchema.parse(await reply.json());
}
