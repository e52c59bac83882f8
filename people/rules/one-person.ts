/**
 * An owner has one Person. The steps of createPerson and deletePerson leave to each other, in the stash, what they know.
 *
 * E1 A row of the table of owners names the owner's Person. It is written and deleted in one transaction with that Person, so of
 *    two creations at the same moment one succeeds, and the other finds the row.
 * E2 A row whose Person is gone, deleted by hand, is as good as none: the next creation replaces it.
 * E3 An owner without a row may have records from before there were rows: the newest is theirs, and gets the row.
 */
import { type TransactConditionCheckExpression, util } from "@aws-appsync/utils";
import { allOf } from "./condition.ts";

export type Stash = {
  /** Whose row is read, if not the caller's; null if it is nobody's. */
  owner?: string | null;
  /** The Person that the row names; null if there is no row. */
  row?: string | null;
  /** The Person that is written; null if it has to be made. */
  personId?: string | null;
  /** How often it was tried to write it. */
  attempts?: number;
  /** What became of that: written, lost to another request, or in conflict with one that is not over. */
  outcome?: "written" | "lost" | "conflict";
};

/** Of a part of a transaction. */
export function transactCondition(conditions: unknown[]): TransactConditionCheckExpression {
  return { ...allOf(conditions), returnValuesOnConditionCheckFailure: true };
}

/** The row is as it was read. */
export const rowUnchanged = (row: string | null | undefined): TransactConditionCheckExpression =>
  transactCondition([row ? { personId: { eq: row } } : { owner: { attributeExists: false } }]);

export const ownersKey = (owner: string) => util.dynamodb.toMapValues({ owner });

export type Reason = { type?: string; item?: Record<string, string> | null };

export const isConditional = (reason: Reason | undefined): boolean =>
  (reason?.type ?? "").startsWith("Condition");

/** In the words of a single write: apps know them. */
export function refuseCondition(): never {
  return util.error("The conditional request failed", "DynamoDB:ConditionalCheckFailedException");
}
