/**
 * An owner has one Person. The steps of createPerson and deletePerson pass their findings on in the stash.
 *
 * E1 A row of the table of owners names the owner's Person. It is written and deleted in one transaction with that Person, so of
 *    two creations at the same moment one succeeds, and the other finds the row.
 * E2 A row whose Person was deleted by hand counts as missing: the next creation replaces it.
 * E3 An owner without a row may have records from before rows existed: the newest counts, and gets the row.
 */
import { type TransactConditionCheckExpression, util } from "@aws-appsync/utils";
import { allOf } from "./condition.ts";

export type Stash = {
  /** The owner whose row is read, if not the caller; null if there is none. */
  owner?: string | null;
  /** The Person that the row names; null if there is no row. */
  row?: string | null;
  /** The Person to write; null if it must be made. */
  personId?: string | null;
  /** The number of attempts to write it. */
  attempts?: number;
  /** The outcome of the last attempt: written, lost to another request, or in conflict with a request that is not over. */
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

/** The error of a single write, which apps know. */
export function refuseCondition(): never {
  return util.error("The conditional request failed", "DynamoDB:ConditionalCheckFailedException");
}
