/**
 * `POST /local/stage/join` and `/local/stage/leave` with `{"token": …}`: what the IVS SDK in a phone does with a participant
 * token, for people who make a call with curl. Without it the stage stays empty, and the call ends as dropped.
 */
import * as z from "zod";
import type { HttpRequest, HttpResponse } from "../packages/local-aws/src/http-api/http-message.ts";
import { StageError } from "../packages/local-aws/src/ivs-realtime/ivs-error.ts";
import type { MediaPlane, Participant } from "../packages/local-aws/src/ivs-realtime/media-plane.ts";

const PATH = /^\/local\/stage\/(join|leave)$/;
const bodySchema = z.object({ token: z.string().min(1) });

/** Undefined for other paths. */
export function stagePhones(ivs: Pick<MediaPlane, "join" | "publish" | "leave">) {
  const joined = new Map<string, Participant>();

  async function join(token: string): Promise<HttpResponse> {
    try {
      const participant = await ivs.join(token);
      ivs.publish(participant);
      // A participant that the call's end or IVS has disconnected has left already.
      for (const [other, { connected }] of joined) if (!connected) joined.delete(other);
      joined.set(token, participant);
      const { participantId, stageArn } = participant;
      return reply(200, { joined: true, participantId, stageArn });
    } catch (error) {
      if (error instanceof StageError) return reply(403, { code: error.code, message: error.message });
      throw error;
    }
  }

  function leave(token: string): HttpResponse {
    const participant = joined.get(token);
    if (!participant) return reply(404, { message: "token: no participant has joined with it" });
    joined.delete(token);
    ivs.leave(participant);
    return reply(200, { joined: false, participantId: participant.participantId });
  }

  return async ({ path, body }: HttpRequest): Promise<HttpResponse | undefined> => {
    const [, action] = PATH.exec(path) ?? [];
    if (!action) return undefined;
    const parsed = bodySchema.safeParse(jsonOf(body));
    if (!parsed.success)
      return reply(400, { message: "token: expected the participant token of a call's reply" });
    return action === "join" ? join(parsed.data.token) : leave(parsed.data.token);
  };
}

function jsonOf(body: Buffer | undefined): unknown {
  try {
    return JSON.parse(String(body ?? ""));
  } catch {
    return undefined;
  }
}

const reply = (status: number, body: object): HttpResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: `${JSON.stringify(body)}\n`,
});
