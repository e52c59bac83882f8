/** Why a call is over for this phone, in the server's words. */
import * as z from "zod/mini";
import type { OverReason } from "../../../calls/call.ts";
import { END_REASONS } from "../../../events/end-reason.ts";

export type Ending = OverReason;

// A reason that is newer than this page is read as none: the page then says that the call is over.
export const endReasonRead = z.catch(z.optional(z.enum(END_REASONS)), undefined);
/** As GraphQL has it. */
export const endReasonOrNull = z.catch(z.nullish(z.enum(END_REASONS)), undefined);
/** As a refusal has it. */
export const endingRead = z.catch(
  z.optional(z.enum([...END_REASONS, "answered_elsewhere"] satisfies OverReason[])),
  undefined,
);
