/** What a deployment may choose of media: the provider, and the server that it meets at. */
import { MEDIA_PROVIDERS, type MediaProvider } from "../handlers/media/providers.ts";
import { oneOf, type ReadContext, refusal, SettingError } from "./setting-values.ts";

export interface LiveKitSettings {
  /** Where phones connect, and functions ask: `wss://…`. */
  readonly url: string;
  /** Name of the Secrets Manager secret that holds the API keys. */
  readonly secret: string;
}

export interface MediaSettings {
  readonly media: MediaProvider;
  /** Present if it is the provider. */
  readonly livekit?: LiveKitSettings;
}

const OF_LIVEKIT = ["livekitUrl", "livekitSecret"] as const;
const OF_IVS = ["minStages", "maxStages"] as const;

export function readMedia(context: ReadContext): MediaSettings {
  const media = oneOf(context, "media", MEDIA_PROVIDERS);
  // Read for either provider: a name that is never read counts as a typing error.
  const others = [...(media === "ivs" ? OF_LIVEKIT : OF_IVS)].filter((key) => context(key) !== undefined);
  const [other] = others;
  if (other !== undefined)
    throw new SettingError(
      `context "${other}": "media" is "${media}", which does not use it; leave one of them out`,
    );
  return media === "ivs"
    ? { media }
    : { media, livekit: { url: readUrl(context), secret: readSecret(context) } };
}

/** The server itself has no TLS: what is in front of it has. Only a server of this machine does without. */
function readUrl(context: ReadContext): string {
  const given = context("livekitUrl");
  const expected =
    'the address that phones connect to, such as wss://media.example.com, beside "media": "livekit"';
  if (typeof given !== "string" || !URL.canParse(given)) throw refusal("livekitUrl", expected, given);
  const { protocol, hostname, pathname, search, username, password } = new URL(given);
  const isOwn = hostname === "127.0.0.1" || hostname === "localhost";
  const isPlain = pathname === "/" && search === "" && username === "" && password === "";
  if (isPlain && (protocol === "wss:" || (isOwn && protocol === "ws:"))) return given.replace(/\/$/, "");
  throw refusal("livekitUrl", expected, given);
}

function readSecret(context: ReadContext): string {
  const given = context("livekitSecret");
  if (typeof given === "string" && /^[\w/+=.@-]{1,512}$/.test(given)) return given;
  // The message leaves out the value, which may be a key pasted by mistake.
  throw new SettingError(
    'context "livekitSecret": expected the name of a secret in Secrets Manager that holds the API keys, not its ARN or value (docs/livekit.md)',
  );
}
