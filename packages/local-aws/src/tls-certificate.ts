/**
 * The certificate of the app's TLS port: made at the first start, kept, and used again, so that it is trusted once.
 *
 * It signs nothing but itself and names nothing but this machine: trusting it covers no further address.
 */
import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LOOPBACK } from "./listener.ts";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** Where the certificate lies, for those who want to trust it. */
  readonly path: string;
}

const DAY_MS = 86_400_000;
/** Apple's systems refuse a certificate that is valid for longer than 825 days. */
const VALID_DAYS = 800;
/** A certificate that ends soon is replaced when the runtime starts, and not while it runs. */
const RENEW_BEFORE_DAYS = 30;

const files = (directory: string) => ({
  key: join(directory, "localhost.key"),
  cert: join(directory, "localhost.crt"),
});

/** The certificate kept in the directory, or a new one under that name. */
export async function certificateIn(
  directory: string,
  nowMs: number,
  commonName = "local AWS on this machine",
): Promise<Certificate> {
  const kept = read(directory);
  if (kept && endsAtMs(kept) - nowMs > RENEW_BEFORE_DAYS * DAY_MS) return kept;
  if (kept) rmSync(directory, { recursive: true });
  await make(directory, nowMs, commonName);
  const made = read(directory);
  if (made) return made;
  throw new Error(`${directory} must hold localhost.key and localhost.crt: remove it, and start again`);
}

function read(directory: string): Certificate | undefined {
  const { key, cert } = files(directory);
  if (!existsSync(key) || !existsSync(cert)) return undefined;
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8"), path: cert };
}

const endsAtMs = ({ cert }: Certificate): number => new X509Certificate(cert).validToDate.getTime();

async function make(directory: string, nowMs: number, commonName: string): Promise<void> {
  // Loaded only here: it takes longer to load than to make a certificate, which is made once.
  const { generate } = await import("selfsigned");
  const pair = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    // A clock that runs a little behind may still use it.
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(nowMs + VALID_DAYS * DAY_MS),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: LOOPBACK },
        ],
      },
    ],
  });
  place(directory, pair.private, pair.cert);
}

/** Both files appear at once: of two runtimes that start together, one is first and both use its pair. */
function place(directory: string, key: string, cert: string): void {
  mkdirSync(dirname(directory), { recursive: true });
  const draft = mkdtempSync(`${directory}-`);
  writeFileSync(files(draft).key, key, { mode: 0o600 });
  writeFileSync(files(draft).cert, cert);
  try {
    renameSync(draft, directory);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!read(directory)) throw error;
  }
}
