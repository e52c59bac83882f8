/** A command to the REST API of a stack on an emulator. */
import { request } from "node:http";

export interface ApiAt {
  readonly endpoint: string;
  /** From the stack's outputs. */
  readonly apiUrl: string;
  readonly token: string;
}

/** Rejects unless the reply is a success. */
export async function sendCommand(
  { endpoint, apiUrl, token }: ApiAt,
  body: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const { url, host } = addressOf(apiUrl, endpoint);
  const content = JSON.stringify(body);
  const headers = {
    ...(host !== undefined && { host }),
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(content)),
  };
  const { status, text } = await post(url, headers, content);
  if (status >= 200 && status < 300) return JSON.parse(text) as Record<string, unknown>;
  throw new Error(`${String(body["action"])} was answered ${status}: ${text.slice(0, 300)}`);
}

/**
 * Emulators tell AWS's own address, `<id>.execute-api.<region>.amazonaws.com`, and answer for it on their port when the Host header
 * begins so.
 */
export function addressOf(apiUrl: string, endpoint: string): { url: string; host?: string } {
  if (!URL.canParse(apiUrl)) throw new Error(`the stack's output ApiUrl is no address: "${apiUrl}"`);
  const { hostname } = new URL(apiUrl);
  const [, id] = /^(\w+)\.execute-api\./.exec(hostname) ?? [];
  if (id === undefined) return { url: apiUrl };
  return {
    url: `${endpoint.replace(/\/$/, "")}/`,
    host: `${id}.execute-api.localhost:${new URL(endpoint).port}`,
  };
}

function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  content: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    // fetch sends no Host header of one's own.
    const asked = request(url, { method: "POST", headers }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.once("error", reject);
      reply.once("end", () =>
        resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    asked.once("error", reject);
    asked.end(content);
  });
}
