/** Which calls the page asks for. */
import * as z from "zod";
import { type Call, CALL_STATUSES } from "../../calls/call.ts";
import { clientIdSchema } from "../../calls/ids.ts";
import { END_REASONS } from "../../events/end-reason.ts";

export const PAGE = 50;

const epochMs = z.coerce.number().int().nonnegative();

export const callsQuery = z.strictObject({
  client: z.optional(clientIdSchema),
  reason: z.enum(END_REASONS).optional(),
  status: z.enum(CALL_STATUSES).optional(),
  from: epochMs.optional(),
  to: epochMs.optional(),
  page: z.string().max(4_096).optional(),
});
export type CallsQuery = z.output<typeof callsQuery>;

export const isWanted = (call: Call, { reason, status, from = 0, to = Infinity }: CallsQuery): boolean =>
  (reason === undefined || call.endReason === reason) &&
  (status === undefined || call.status === status) &&
  call.createdAtMs >= from &&
  call.createdAtMs <= to;
