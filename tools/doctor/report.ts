/** What the doctor prints, and the exit code that goes with it. */
import type { Finding, Verdict } from "./finding.ts";

export const EXIT = { good: 0, fails: 1, wrongOptions: 2, unknown: 3 } as const;

/** In this order they are told: what has to be mended first. */
const HEADINGS: Readonly<Record<Verdict, string>> = {
  fails: "A DEPLOYMENT WOULD FAIL",
  unknown: "COULD NOT LOOK",
  limits: "LIMITS (a deployment succeeds)",
  good: "GOOD",
};
const VERDICTS = Object.keys(HEADINGS) as Verdict[];

const WIDTH = 110;
const INDENT = "  ";
const DEEPER = "      ";

export function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ verdict }) => verdict === "fails")) return EXIT.fails;
  return findings.some(({ verdict }) => verdict === "unknown") ? EXIT.unknown : EXIT.good;
}

/** `deploy`: the command for when nothing is in the way. */
export function reportOf(heading: string, findings: readonly Finding[], deploy: string): string {
  const groups = VERDICTS.flatMap((verdict) => {
    const found = findings.filter((one) => one.verdict === verdict);
    if (found.length === 0) return [];
    return [`${HEADINGS[verdict]}\n${found.map(linesOf).join(verdict === "good" ? "\n" : "\n\n")}`];
  });
  return [heading, ...groups, verdictOf(findings, deploy)].join("\n\n");
}

function linesOf({ check, what, why, mend = [] }: Finding): string {
  const title = `${INDENT}${check}: `;
  return [
    ...wrapped(`${title}${what}`, DEEPER),
    ...(why === undefined ? [] : wrapped(`${DEEPER}Why: ${why}`, `${DEEPER}     `)),
    ...mend.map((command) => `${DEEPER}$ ${command}`),
  ].join("\n");
}

function verdictOf(findings: readonly Finding[], deploy: string): string {
  const count = (verdict: Verdict) => findings.filter((one) => one.verdict === verdict).length;
  const things = (number: number) => (number === 1 ? "1 thing" : `${number} things`);
  const [fails, unknown] = [count("fails"), count("unknown")];
  const unseen = unknown === 0 ? "" : ` ${things(unknown)} could not be looked at.`;
  if (fails > 0) return `Mend ${things(fails)} before you deploy: the commands are above.${unseen}`;
  if (unknown > 0) return `Nothing that was looked at would stop a deployment.${unseen}`;
  return `Nothing stands in the way of a deployment: ${deploy}`;
}

/** The first line begins as the text does, the others with `indent`. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\S) +/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= WIDTH || line === "") line = longer;
    else {
      lines.push(line);
      line = `${indent}${word}`;
    }
  }
  return [...lines, line];
}
