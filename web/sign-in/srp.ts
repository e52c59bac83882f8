/**
 * The page's side of SRP-6a as Cognito speaks it: the password is proven and never sent. Group 15 of RFC 3526 with generator 2,
 * SHA-256, numbers as bytes padded so that they are never negative, and a 16-byte key by HKDF with the info "Caldera Derived Key".
 */

/** 2^3072 - 2^3008 - 1 + 2^64 * { [2^2942 pi] + 1690314 } */
const PRIME = BigInt(
  `0x${[
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD",
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED",
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F",
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B",
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510",
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7",
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C",
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
  ].join("")}`,
);
const GENERATOR = 2n;
const KEY_INFO = "Caldera Derived Key\u0001";

export interface ClientKey {
  readonly private: bigint;
  readonly public: bigint;
}

/** `secret`: 128 random bytes. */
export function clientKey(secret: Uint8Array): ClientKey {
  const key = BigInt(`0x${hexOf(secret)}`) % PRIME;
  return { private: key, public: power(GENERATOR, key) };
}

export interface Challenge {
  /** The pool's id after the underscore. */
  readonly poolName: string;
  /** As the server spells it in USER_ID_FOR_SRP. */
  readonly username: string;
  readonly salt: string;
  readonly serverPublic: string;
  readonly secretBlock: string;
  /** From `timestampOf`. */
  readonly timestamp: string;
}

/** PASSWORD_CLAIM_SIGNATURE: it proves the password for this challenge only. */
export async function claimOf(key: ClientKey, challenge: Challenge, password: string): Promise<string> {
  const { poolName, username, secretBlock, timestamp } = challenge;
  const shared = await sharedKey(key, challenge, password);
  const block = Uint8Array.from(atob(secretBlock), (letter) => letter.charCodeAt(0));
  const signed = joined(bytesOf(`${poolName}${username}`), block, bytesOf(timestamp));
  return btoa(String.fromCharCode(...(await hmac(shared, signed))));
}

async function sharedKey(key: ClientKey, challenge: Challenge, password: string): Promise<Uint8Array> {
  const { poolName, username, salt, serverPublic } = challenge;
  const theirs = BigInt(`0x${serverPublic}`);
  // RFC 2945: with such a number the secret would be known to the other side whatever the password is.
  if (theirs % PRIME === 0n) throw new Error("The server's key is not one that SRP allows.");
  const scrambler = await hash(padded(key.public), padded(theirs));
  const multiplier = await hash(padded(PRIME), padded(GENERATOR));
  const inner = await digest(bytesOf(`${poolName}${username}:${password}`));
  const x = await hash(padded(BigInt(`0x${salt}`)), inner);
  const base = (theirs - ((multiplier * power(GENERATOR, x)) % PRIME) + PRIME) % PRIME;
  const secret = power(((base % PRIME) + PRIME) % PRIME, key.private + scrambler * x);
  const pseudorandom = await hmac(padded(scrambler), padded(secret));
  return (await hmac(pseudorandom, bytesOf(KEY_INFO))).slice(0, 16);
}

/** As Cognito wants it: "Tue Apr 7 09:05:02 UTC 2026", English wherever the page is. */
export function timestampOf(nowMs: number): string {
  const [weekday = "", day, month, year, time] = new Date(nowMs).toUTCString().split(" ");
  return `${weekday.slice(0, 3)} ${month} ${Number(day)} ${time} UTC ${year}`;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = base % PRIME;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % PRIME;
    factor = (factor * factor) % PRIME;
  }
  return result;
}

type Bytes = Uint8Array<ArrayBuffer>;

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text) as Bytes; // never a shared buffer

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function padded(value: bigint): Bytes {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const positive = /^[89a-f]/.test(even) ? `00${even}` : even;
  return Uint8Array.from(positive.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

function joined(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const digest = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

const hash = async (...parts: readonly Uint8Array[]): Promise<bigint> =>
  BigInt(`0x${hexOf(await digest(joined(...parts)))}`);

async function hmac(secret: Uint8Array, message: Uint8Array): Promise<Bytes> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", joined(secret), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, joined(message)));
}
