/** createPerson: makes the owner's Person and its row, or renames the existing one. If another request came first, its result counts. */
import { type Context, type DynamoDBTransactWriteItemsRequest, runtime, util } from "@aws-appsync/utils";
import { isOperator, subOf } from "../rules/caller.ts";
import { lowerId } from "../rules/ids.ts";
import { checkId, DIRECTORY } from "../rules/names.ts";
import {
  isConditional,
  ownersKey,
  type Reason,
  refuseCondition,
  rowUnchanged,
  type Stash,
  transactCondition,
} from "../rules/one-person.ts";
import { removesClient, storedName, updateOf } from "../rules/person-update.ts";

type Input = { id?: string | null; firstName: string; lastName: string; clientId?: string | null };
type Args = { input: Input; condition?: unknown };
type Parts = DynamoDBTransactWriteItemsRequest["transactItems"];

const MOST_ATTEMPTS = 2;

export function request(ctx: Context<Args>): DynamoDBTransactWriteItemsRequest {
  const { outcome, attempts, personId }: Stash = ctx.stash;
  if (outcome === "written") runtime.earlyReturn();
  const { input } = ctx.args;
  const id = personId ?? input.id ?? util.autoId();
  checkId("id", input.id ?? id);
  ctx.stash.attempts = (attempts ?? 0) + 1;
  ctx.stash.written = id;
  const write = personId ? change(ctx, id) : make(ctx, id);
  return { operation: "TransactWriteItems", transactItems: [...write, ...claim(ctx, id)] };
}

function changesOf({ firstName, lastName, clientId }: Input): Record<string, string> {
  return {
    ...storedName("firstName", firstName),
    ...storedName("lastName", lastName),
    updatedAt: util.time.nowISO8601(),
    ...(clientId ? { clientId: lowerId(clientId) } : {}),
  };
}

function make(ctx: Context<Args>, id: string): Parts {
  const changes = changesOf(ctx.args.input);
  const person = {
    __typename: "Person",
    owner: subOf(ctx),
    createdAt: changes.updatedAt,
    directory: DIRECTORY,
    ...changes,
  };
  return [
    {
      table: ctx.env.PEOPLE_TABLE as string,
      operation: "PutItem",
      key: util.dynamodb.toMapValues({ id }),
      attributeValues: util.dynamodb.toMapValues(person),
      condition: transactCondition([{ id: { attributeExists: false } }, ctx.args.condition]),
    },
  ];
}

function change(ctx: Context<Args>, id: string): Parts {
  const { input, condition } = ctx.args;
  const isOwn = [{ id: { attributeExists: true } }, { owner: { eq: subOf(ctx) } }];
  return [
    {
      table: ctx.env.PEOPLE_TABLE as string,
      operation: "UpdateItem",
      key: util.dynamodb.toMapValues({ id }),
      update: updateOf(changesOf(input), removesClient(input)),
      condition: transactCondition([...isOwn, condition]),
    },
  ];
}

/** No write if the row names the Person already. */
function claim(ctx: Context<Args>, id: string): Parts {
  const { row }: Stash = ctx.stash;
  if (row === id) return [];
  return [
    {
      table: ctx.env.OWNERS_TABLE as string,
      operation: "PutItem",
      key: ownersKey(subOf(ctx)),
      attributeValues: util.dynamodb.toMapValues({ personId: id }),
      condition: rowUnchanged(row),
    },
  ];
}

export function response(ctx: Context<Args>) {
  const { error, stash } = ctx;
  if (!error) {
    stash.outcome = "written";
    stash.personId = stash.written;
    return null;
  }
  const [person, row]: Reason[] = ctx.result?.cancellationReasons ?? [];
  if (isConditional(row)) lost(ctx, row?.item?.personId ?? null, row?.item?.personId ?? null);
  else if (isConditional(person)) refused(ctx, person?.item ?? null);
  else if (isConflict(person) || isConflict(row)) stash.outcome = "conflict";
  else util.error(error.message, error.type);
  if (stash.attempts >= MOST_ATTEMPTS) {
    util.error("Other requests wrote this person at the same moment: send this one again", error.type);
  }
  return null;
}

const isConflict = (reason: Reason | undefined): boolean => reason?.type === "TransactionConflict";

function lost(ctx: Context<Args>, row: string | null, personId: string | null): void {
  ctx.stash.outcome = "lost";
  ctx.stash.row = row;
  ctx.stash.personId = personId;
}

/** The record has changed since it was read, or the caller's own condition is not met. */
function refused(ctx: Context<Args>, item: Record<string, string> | null): void {
  const { row, personId }: Stash = ctx.stash;
  const isOwn = item?.owner === subOf(ctx);
  if (personId) {
    if (isOwn) refuseCondition();
    lost(ctx, row ?? null, null);
  } else {
    if (!item || (!isOwn && isOperator(ctx))) refuseCondition();
    if (!isOwn) util.unauthorized();
    lost(ctx, row ?? null, item?.id ?? null);
  }
}
