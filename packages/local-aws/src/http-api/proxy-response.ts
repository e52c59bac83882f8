/** What a function's answer becomes: payload format 2.0, or the answer itself as the body of a 200. */
import * as z from "zod";
import { gatewayReply } from "./http-message.ts";
import type { HttpResponse } from "./http-message.ts";

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const formatted = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), scalar).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

const hasStatus = (payload: unknown): boolean =>
  typeof payload === "object" && payload !== null && "statusCode" in payload;

export function proxyResponse(payload: unknown): HttpResponse {
  if (!hasStatus(payload)) return inferred(payload);
  const parsed = formatted.safeParse(payload);
  if (!parsed.success) return gatewayReply(500);
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const lowered = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const text = body ?? "";
  return {
    status: statusCode,
    headers: {
      ...(text !== "" && { "content-type": "text/plain;charset=UTF-8" }),
      ...Object.fromEntries(lowered),
      ...(cookies && cookies.length > 0 && { "set-cookie": cookies }),
    },
    body: isBase64Encoded ? Buffer.from(text, "base64") : text,
  };
}

function inferred(payload: unknown): HttpResponse {
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: typeof payload === "string" ? payload : JSON.stringify(payload ?? null),
  };
}
