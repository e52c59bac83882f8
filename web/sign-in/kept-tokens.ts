/** The tokens of the signed-in user, as the browser keeps them, and what they say. */
import type { Tokens } from "./cognito.ts";

export interface Signed {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** How far this device's clock was ahead of the server's when the token came. */
  readonly aheadMs: number;
}

/** What an access token says, as far as a page reads it. */
export interface Claims {
  readonly sub: string;
  readonly username: string;
  readonly exp: number;
  readonly iat: number;
  readonly "cognito:groups"?: readonly string[];
}

export interface KeptTokens {
  read(): Signed | undefined;
  /** A renewal without a refresh token keeps the one that it was made with. */
  write(tokens: Tokens, refreshToken?: string): Signed;
  forget(): void;
  /** How long the access token is good for, by the server's clock as this device knows it. */
  leftMs(signed: Signed): number;
}

export function keptTokens(storage: Storage, clientId: string): KeptTokens {
  const key = `ringmaster.session.${clientId}`;
  return {
    read() {
      const kept = storage.getItem(key);
      return kept === null ? undefined : (JSON.parse(kept) as Signed); // written below
    },
    write({ AccessToken: accessToken, RefreshToken }, refreshToken = "") {
      const aheadMs = Date.now() - claimsOf(accessToken).iat * 1_000;
      const signed = { accessToken, refreshToken: RefreshToken ?? refreshToken, aheadMs };
      storage.setItem(key, JSON.stringify(signed));
      return signed;
    },
    forget: () => storage.removeItem(key),
    leftMs: ({ accessToken, aheadMs }) => claimsOf(accessToken).exp * 1_000 - (Date.now() - aheadMs),
  };
}

export function claimsOf(token: string): Claims {
  const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Claims; // Cognito's own token
}
