/** Where AppSync's real-time endpoint is, and how a phone signs in to it: AppSync's developer guide, as Amplify does it. */

const OF_APPSYNC = /^(https:\/\/\w{26}\.)appsync-api(\.[\w-]+\.amazonaws\.com(?:\.cn)?\/graphql)$/i;

/** AppSync's own domains have another host for real time; a domain of one's own has a path. */
export function realTimeUrl(graphqlUrl: string): string {
  const url = OF_APPSYNC.test(graphqlUrl)
    ? graphqlUrl.replace(OF_APPSYNC, "$1appsync-realtime-api$2")
    : `${graphqlUrl}/realtime`;
  return url.replace(/^http/, "ws");
}

const hostOf = (url: string): string => /^https?:\/\/([^/]+)/.exec(url)?.[1] ?? "";

/** React Native's `URL` lacks its parts, so the host is taken by hand. */
export const signedIn = (graphqlUrl: string, token: string) => ({
  host: hostOf(graphqlUrl),
  Authorization: token,
});

/** The sign-in goes as a subprotocol, where the logs of proxies do not show it. */
export const protocolsFor = (headers: object): string[] => [
  "graphql-ws",
  `header-${base64Url(JSON.stringify(headers))}`,
];

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Of ASCII, which hosts and tokens are. Not every React Native has `btoa`. */
export function base64Url(ascii: string): string {
  let encoded = "";
  for (let at = 0; at < ascii.length; at += 3) {
    const [one, two, three] = [ascii.charCodeAt(at), ascii.charCodeAt(at + 1), ascii.charCodeAt(at + 2)];
    const bits = (one << 16) | ((two || 0) << 8) | (three || 0);
    const letters = Number.isNaN(two) ? 2 : Number.isNaN(three) ? 3 : 4;
    for (let letter = 0; letter < letters; letter += 1)
      encoded += LETTERS.charAt((bits >> (18 - 6 * letter)) & 63);
  }
  return encoded;
}
