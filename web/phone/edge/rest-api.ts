/** Commands in the apps' envelope, over HTTP. A refusal is an outcome; what is no reply of ours counts as none. */
import * as z from "zod/mini";
import { endingRead } from "../state/endings.ts";
import { type Asked, type Commands, type Problem, REPLIES } from "../state/commands.ts";

/** A request that has no reply by then has failed. */
const TIMEOUT_MS = 10_000;

const problemSchema = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  callId: z.optional(z.string()),
  endReason: endingRead,
});

/** Of every reply and every problem. */
const stampSchema = z.object({ serverNowMs: z.number() });

interface RestApi {
  readonly url: string;
  readonly accessToken: () => Promise<string>;
  /** Called with the server's time as soon as a reply has said it. */
  readonly timeHeard: (serverNowMs: number) => void;
}

export function restApi({ url, accessToken, timeHeard }: RestApi): Commands {
  async function post(body: object, idempotencyKey: string | undefined): Promise<Response> {
    return fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${await accessToken()}`,
        ...(idempotencyKey && { "idempotency-key": idempotencyKey }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // A page that is being left still says what it has begun to say.
      keepalive: true,
    });
  }

  const send: Commands["send"] = async (action, input, options = {}) => {
    const read = (reply: unknown) => REPLIES[action as Asked].safeParse(reply);
    try {
      const response = await post({ action, ...input }, options.idempotencyKey);
      const body: unknown = await response.json().catch(() => undefined);
      const stamp = stampSchema.safeParse(body);
      if (stamp.success) timeHeard(stamp.data.serverNowMs);
      if (!response.ok) return { ok: false, problem: problemOf(response.status, body) };
      const parsed = read(body);
      if (!parsed.success)
        return { ok: false, problem: unexpected(`${action}: ${z.prettifyError(parsed.error)}`) };
      // Parsed by the schema of this very action; TypeScript loses that link when the action is a variable.
      return { ok: true, value: parsed.data as never };
    } catch (cause) {
      const detail = cause instanceof Error ? cause.message : String(cause);
      return { ok: false, problem: { code: "network", title: "The server could not be reached", detail } };
    }
  };
  return { send };
}

function problemOf(status: number, body: unknown): Problem {
  const parsed = problemSchema.safeParse(body);
  // The codes are the server's list: one that is new to this page is shown in its own words.
  if (parsed.success) return parsed.data as Problem;
  if (status === 401)
    return { code: "access_token_required", title: "You are signed out", detail: "Sign in again." };
  return unexpected(`HTTP ${status}`);
}

const unexpected = (detail: string): Problem => ({
  code: "unexpected",
  title: "The server gave an answer this page does not understand",
  detail,
});
