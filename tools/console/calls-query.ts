/** Which calls the page asks for. */
import * as z from "zod";
import { CALL_STATUSES } from "../../calls/call.ts";
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

/** Calls have to be read to say which are wanted. */
export const isFiltered = ({ reason, status, from, to }: CallsQuery): boolean =>
  [reason, status, from, to].some((wanted) => wanted !== undefined);

/** As a filter looks at a call. */
export const filteredCallSchema = z.object({
  callId: z.string(),
  status: z.enum(CALL_STATUSES),
  endReason: z.enum(END_REASONS).optional(),
  createdAtMs: z.number(),
  cleanedUpAtMs: z.number().optional(),
});
export type FilteredCall = z.output<typeof filteredCallSchema>;

export const isWanted = (
  call: FilteredCall,
  { reason, status, from = 0, to = Infinity }: CallsQuery,
): boolean =>
  (reason === undefined || call.endReason === reason) &&
  (status === undefined || call.status === status) &&
  call.createdAtMs >= from &&
  call.createdAtMs <= to;
