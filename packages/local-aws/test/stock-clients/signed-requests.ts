/** Requests as the SDK and the CLI sign and spell them, for services that have no client among the packages here. */
export interface Sent {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export async function sendSigned(
  endpoint: string,
  service: string,
  { path = "/", headers = {}, ...request }: Asked,
): Promise<Sent> {
  const scope = `20260101/us-east-1/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=0`;
  const reply = await fetch(`${endpoint}${path}`, { ...request, headers: { ...headers, authorization } });
  return { status: reply.status, headers: reply.headers, text: await reply.text() };
}

/** An operation of AWS's JSON protocol 1.1: `target` is the service's prefix and the operation. */
export async function askJson(
  endpoint: string,
  service: string,
  target: string,
  body: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const { status, text } = await sendSigned(endpoint, service, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target },
    body: JSON.stringify(body),
  });
  return { status, body: JSON.parse(text) };
}
