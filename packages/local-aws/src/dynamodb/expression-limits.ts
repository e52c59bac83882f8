/**
 * How large an expression may be. DynamoDB measures the text as it was sent: names and values are not put in first.
 *
 * X1 4 KB a text, and 300 operators and functions a condition or filter: AWS's limits, in AWS's words.
 * X2 dynalite reads what stands inside a group about four times as often for each group around it. What would keep it busy for
 *    more than about a second is refused: a limit of our own, in words of our own.
 */
import type { Shape } from "../local-aws.ts";
import { validationError } from "./engine.ts";

const MAX_BYTES = 4_096;
const MAX_OPERATORS = 300;
/** Words read, those in groups counted as often as they are read. */
const MAX_WORDS_READ = 100_000;

const WITH_OPERATORS = ["ConditionExpression", "FilterExpression"];
const EXPRESSIONS = [...WITH_OPERATORS, "KeyConditionExpression", "ProjectionExpression", "UpdateExpression"];
const OPERATOR = /<>|<=|>=|[=<>]|(?<![\w#:.])(?:AND|OR|NOT|BETWEEN|IN)(?!\w)|\w+(?=\()/gi;

/** Of one request, or of one part of a transaction. */
export function checkExpressions(input: Shape): void {
  for (const name of EXPRESSIONS) {
    const text = input[name];
    if (typeof text !== "string") continue;
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_BYTES) {
      throw invalid(name, `Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
    }
    if (WITH_OPERATORS.includes(name)) checkOperators(name, text);
  }
}

function checkOperators(name: string, text: string): void {
  if (text.includes("(") && wordsRead(text) > MAX_WORDS_READ) {
    throw invalid(
      name,
      "The local DynamoDB does not read groups that are nested so deep; make fewer of them",
    );
  }
  // Each operator takes a character.
  if (text.length <= MAX_OPERATORS) return;
  const operators = text.match(OPERATOR)?.length ?? 0;
  if (operators > MAX_OPERATORS) {
    throw invalid(name, `The expression contains too many operators; operator count: ${operators}`);
  }
}

function wordsRead(text: string): number {
  let [depth, read] = [0, 0];
  for (const [word] of text.matchAll(/[()]|[^\s()]+/g)) {
    if (word === "(") depth += 1;
    else if (word === ")") depth -= 1;
    else read += 4 ** depth;
  }
  return read;
}

const invalid = (name: string, why: string): Error => validationError(`Invalid ${name}: ${why}`);
