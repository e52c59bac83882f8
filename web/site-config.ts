/**
 * What the pages know of the stack they belong to: `/config.json`, written by the deployment of the site or served by the local
 * runtime.
 */
import { list, maybe, object, oneOf, text } from "../packages/client/src/wire/read.ts";

const readSiteConfig = object({
  runtime: oneOf(["local", "aws"]),
  region: text,
  userPoolId: text,
  userPoolClientId: text,
  /** REST commands go there. */
  apiUrl: text,
  graphqlUrl: text,
  /** Where calls meet, if at a LiveKit server. */
  mediaUrl: maybe(text),
  /** Of a local runtime: where Cognito answers. */
  cognitoUrl: maybe(text),
  /** Of a local runtime: the ready-made people, so that `?as=alice` can sign in. */
  people: maybe(list(object({ username: text, password: text }))),
});
export type SiteConfig = ReturnType<typeof readSiteConfig>;

export async function loadSiteConfig(): Promise<SiteConfig> {
  const reply = await fetch("/config.json", { cache: "no-cache" });
  if (!reply.ok) throw new Error(`/config.json: HTTP ${reply.status}. Is this site deployed with its stack?`);
  return readSiteConfig(await reply.json());
}
