/**
 * The server's side of SRP-6a as Cognito speaks it: group 15 of RFC 3526 with generator 2, SHA-256, numbers as hex
 * padded so that they are never negative, and a 16-byte key from HKDF with the info "Caldera Derived Key".
 *
 * P1 Only salt and verifier are kept; the password itself is never stored, and both sign-in flows check against these.
 */
import { createHash, createHmac, getDiffieHellman, timingSafeEqual } from "node:crypto";
import { newBytes } from "./ids.ts";

export interface StoredPassword {
  readonly salt: bigint;
  readonly verifier: bigint;
}

export interface Identity {
  /** The pool's id after the underscore. */
  readonly poolName: string;
  readonly username: string;
}

/** The server's ephemeral key pair of one sign-in. */
export interface ServerKey {
  readonly private: bigint;
  readonly public: bigint;
}

const PRIME = BigInt(`0x${getDiffieHellman("modp15").getPrime("hex")}`);
const GENERATOR = 2n;
const MULTIPLIER = hash(padded(PRIME), padded(GENERATOR));

function padded(value: bigint): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
}

function hash(...parts: Buffer[]): bigint {
  return BigInt(`0x${createHash("sha256").update(Buffer.concat(parts)).digest("hex")}`);
}

const randomNumber = (bytes: number): bigint => BigInt(`0x${newBytes(bytes).toString("hex")}`);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = base % PRIME;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % PRIME;
    factor = (factor * factor) % PRIME;
  }
  return result;
}

/** The generator's powers by the digits of an exponent, four bits each: the powers that most sign-ins ask for are products of these. */
let powersOfDigits: bigint[][] | undefined;
const DIGIT_BITS = 4n;
const EXPONENT_DIGITS = 64;

function makePowersOfDigits(): bigint[][] {
  let base = GENERATOR;
  return Array.from({ length: EXPONENT_DIGITS }, () => {
    const powers = [1n];
    for (let digit = 1; digit < 16; digit += 1) powers.push(((powers[digit - 1] ?? 1n) * base) % PRIME);
    base = ((powers[15] ?? 1n) * base) % PRIME;
    return powers;
  });
}

/** `exponent` has at most 256 bits: a hash, or a random number of 32 bytes. */
function powerOfGenerator(exponent: bigint): bigint {
  powersOfDigits ??= makePowersOfDigits();
  let rest = exponent;
  let result = 1n;
  for (const powers of powersOfDigits) {
    result = (result * (powers[Number(rest & 15n)] ?? 1n)) % PRIME;
    rest >>= DIGIT_BITS;
  }
  return result;
}

function verifierOf({ poolName, username }: Identity, password: string, salt: bigint): bigint {
  const inner = createHash("sha256").update(`${poolName}${username}:${password}`).digest();
  return powerOfGenerator(hash(padded(salt), inner));
}

export function storePassword(identity: Identity, password: string): StoredPassword {
  const salt = randomNumber(16);
  return { salt, verifier: verifierOf(identity, password, salt) };
}

export function isPassword(identity: Identity, stored: StoredPassword, password: string): boolean {
  return verifierOf(identity, password, stored.salt) === stored.verifier;
}

/** What stands in for the password of a user who does not exist: the salt stays the same from one try to the next. */
export function decoyPassword({ poolName, username }: Identity): StoredPassword {
  const salt = hash(Buffer.from(`${poolName}${username}`)) >> 128n;
  return { salt, verifier: powerOfGenerator(randomNumber(32)) };
}

export function serverKey({ verifier }: StoredPassword): ServerKey {
  const secret = randomNumber(32);
  return { private: secret, public: (MULTIPLIER * verifier + powerOfGenerator(secret)) % PRIME };
}

/** The client's public key; undefined if it is not a number that the protocol allows. */
export function readPublicKey(hex: string): bigint | undefined {
  if (!/^[0-9a-f]+$/i.test(hex)) return undefined;
  const value = BigInt(`0x${hex}`);
  return value % PRIME === 0n ? undefined : value;
}

export function sharedKey(stored: StoredPassword, key: ServerKey, clientPublic: bigint): Buffer {
  const scrambler = hash(padded(clientPublic), padded(key.public));
  const secret = power(clientPublic * power(stored.verifier, scrambler), key.private);
  const pseudorandom = createHmac("sha256", padded(scrambler)).update(padded(secret)).digest();
  return createHmac("sha256", pseudorandom).update("Caldera Derived Key\u0001").digest().subarray(0, 16);
}

export function isClaim(
  key: Buffer,
  { poolName, username }: Identity,
  claim: { secretBlock: string; timestamp: string; signature: string },
): boolean {
  const expected = createHmac("sha256", key)
    .update(`${poolName}${username}`)
    .update(Buffer.from(claim.secretBlock, "base64"))
    .update(claim.timestamp)
    .digest();
  const given = Buffer.from(claim.signature, "base64");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
