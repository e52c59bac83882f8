/** Where to connect: the server signs its address into each participant token. */

/** Browsers, React Native and Node have it; the package names no library of theirs. */
declare const atob: (text: string) => string;

/** Undefined if the token names none: the app has to know the address then. */
export function serverUrlOf(token: string): string | undefined {
  try {
    const [, claims = ""] = token.split(".");
    const given: unknown = JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/")));
    const url = (given as { readonly server_url?: unknown }).server_url;
    return typeof url === "string" ? url : undefined;
  } catch {
    return undefined;
  }
}
