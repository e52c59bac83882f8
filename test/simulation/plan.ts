/**
 * What people do in a run, drawn from the seed before it begins: who calls whom, when, and what each phone does about it. Times are
 * fixed, whatever the stack answers: so requests come late, twice, and for calls that are over.
 */
import { randomFrom } from "../../bench/random.ts";

/** Of one seed: enough that calls meet, few enough that a failure is readable. */
export const CALLS_A_RUN = 40;
export const PEOPLE = 10;
/** Each person has this many phones. */
export const PHONES = 2;

export interface PhoneName {
  readonly person: number;
  readonly phone: number;
}

export type Act =
  | { readonly kind: "call"; readonly callees: readonly number[] }
  | { readonly kind: "ring" | "answer" | "decline" | "end" | "rejoin" | "look" }
  /** Moves the call to this phone. */
  | { readonly kind: "take over" }
  /** Hangs up whatever call the client is in. */
  | { readonly kind: "end any" }
  /** Calls back who calls. */
  | { readonly kind: "call back"; readonly callee: number }
  | { readonly kind: "add"; readonly callees: readonly number[] }
  /** An operator ends the call, or this person's part. */
  | { readonly kind: "operator ends" | "operator removes" }
  | { readonly kind: "register again"; readonly newToken: boolean }
  | { readonly kind: "block" | "unblock"; readonly other: number }
  | { readonly kind: "do not disturb"; readonly seconds: number }
  /** The phone is out of power: it leaves the media without a word, and comes back or does not. */
  | { readonly kind: "dies" };

export interface Planned {
  readonly number: number;
  readonly atMs: number;
  readonly by: PhoneName;
  readonly act: Act;
  /** Which call of the plan it is about. */
  readonly call: number;
}

export interface PlanOptions {
  readonly seed: number;
  readonly calls: number;
  /** Without races: what is done to one call has seconds between, and all happens in one order. */
  readonly calm?: boolean;
}

export interface Plan {
  readonly acts: readonly Planned[];
  readonly endMs: number;
}

/** Draws of one plan. */
function drawing(random: () => number) {
  const upTo = (most: number): number => Math.floor(random() * most);
  return {
    chance: (share: number): boolean => random() < share,
    upTo,
    between: (least: number, most: number): number => least + upTo(most - least),
    of: <T>(...items: readonly [T, ...T[]]): T => items[upTo(items.length)] as T,
  };
}
type Draw = ReturnType<typeof drawing>;

export function planOf({ seed, calls, calm = false }: PlanOptions): Plan {
  const draw = drawing(randomFrom(seed ^ 0x3c6ef372));
  const acts: Omit<Planned, "number">[] = [];
  let beginsMs = 5_000;
  for (let call = 0; call < calls; call += 1) {
    acts.push(...(calm ? calmCall(draw, call, beginsMs) : wildCall(draw, call, beginsMs)));
    beginsMs += calm ? 150_000 : draw.of(0, draw.upTo(3_000), draw.upTo(20_000));
  }
  const inOrder = acts.toSorted((one, other) => one.atMs - other.atMs);
  return {
    acts: inOrder.map((act, number) => ({ number, ...act })),
    endMs: Math.max(0, ...inOrder.map(({ atMs }) => atMs)),
  };
}

function others(draw: Draw, person: number, count: number): number[] {
  const left = Array.from({ length: PEOPLE }, (_, one) => one).filter((one) => one !== person);
  return Array.from({ length: count }, () => left.splice(draw.upTo(left.length), 1)[0] as number);
}

type Sketch = Omit<Planned, "number">;

function sketching(draw: Draw, call: number, beginsMs: number) {
  const caller = draw.upTo(PEOPLE);
  const callees = others(draw, caller, draw.chance(0.15) ? draw.between(2, 4) : 1);
  const sketches: Sketch[] = [];
  const does = (person: number, afterMs: number, act: Act, phone = draw.upTo(PHONES)): void =>
    void sketches.push({ call, atMs: beginsMs + afterMs, by: { person, phone }, act });
  return { caller, callees, sketches, does };
}

/** Everything that phones do, at times that meet. */
function wildCall(draw: Draw, call: number, beginsMs: number): Sketch[] {
  const { caller, callees, sketches, does } = sketching(draw, call, beginsMs);
  const callersPhone = draw.upTo(PHONES);
  const again = { kind: "call", callees } as const;
  does(caller, 0, again, callersPhone);
  if (draw.chance(0.15)) does(caller, draw.upTo(2_000), again);
  const answersMs = draw.of(draw.upTo(2_000), draw.between(1_000, 20_000), draw.between(40_000, 50_000));
  for (const callee of callees) {
    for (let phone = 0; phone < PHONES; phone += 1) {
      if (draw.chance(0.7)) does(callee, draw.between(200, 3_000), { kind: "ring" }, phone);
    }
    const what = draw.of("answer", "answer", "answer", "answer", "decline", "nothing", "both", "callBack");
    const atMs = draw.chance(0.7) ? answersMs : draw.upTo(50_000);
    if (what === "answer" || what === "both") does(callee, atMs, { kind: "answer" });
    if (what === "both") does(callee, atMs + draw.upTo(300), { kind: "answer" });
    if (what === "decline") does(callee, atMs, { kind: "decline" });
    if (what === "callBack") does(callee, atMs, { kind: "call back", callee: caller });
  }
  if (draw.chance(0.2)) does(caller, Math.max(0, answersMs + draw.between(-500, 500)), { kind: "end" });
  inTalk(draw, { caller, callees, does, answersMs });
  if (draw.chance(0.15)) sideActs(draw, { caller, callees, does });
  return sketches;
}

interface Talk {
  readonly caller: number;
  readonly callees: readonly number[];
  readonly does: (person: number, afterMs: number, act: Act, phone?: number) => void;
  readonly answersMs?: number;
}

function inTalk(draw: Draw, { caller, callees, does, answersMs = 0 }: Talk): void {
  const everyone = [caller, ...callees];
  const anyone = (): number => everyone[draw.upTo(everyone.length)] as number;
  const endsMs =
    answersMs + draw.of(draw.upTo(2_000), draw.between(2_000, 90_000), draw.between(60_000, 300_000));
  const within = (): number => answersMs + draw.upTo(endsMs - answersMs + 2_000);
  if (draw.chance(0.15)) does(anyone(), within(), { kind: "rejoin" });
  if (draw.chance(0.1)) does(anyone(), within(), { kind: "take over" });
  if (draw.chance(0.12))
    does(anyone(), within(), { kind: "add", callees: others(draw, caller, draw.between(1, 3)) });
  if (draw.chance(0.04)) does(anyone(), within(), { kind: "dies" });
  if (draw.chance(0.03)) does(anyone(), within(), { kind: "operator ends" });
  if (draw.chance(0.03)) does(anyone(), within(), { kind: "operator removes" });
  if (draw.chance(0.1)) does(anyone(), within(), { kind: "look" });
  for (const person of everyone) {
    if (draw.chance(0.8))
      does(person, endsMs + draw.of(0, draw.upTo(500), draw.upTo(20_000)), { kind: "end" });
  }
  // Late requests for a call that is most likely over.
  if (draw.chance(0.15))
    does(anyone(), endsMs + draw.upTo(120_000), {
      kind: draw.of("answer", "decline", "end", "rejoin", "ring"),
    });
  if (draw.chance(0.05)) does(anyone(), within(), { kind: "end any" });
}

function sideActs(draw: Draw, { caller, callees, does }: Talk): void {
  const callee = callees[0] ?? 0;
  const soon = (): number => draw.upTo(30_000);
  const act = draw.of<Act>(
    { kind: "register again", newToken: true },
    { kind: "register again", newToken: false },
    { kind: "block", other: caller },
    { kind: "do not disturb", seconds: draw.between(30, 120) },
  );
  does(callee, soon(), act);
  if (act.kind === "block") does(callee, soon() + 30_000, { kind: "unblock", other: caller });
}

/** One call at a time, which ends in one of the usual ways. */
function calmCall(draw: Draw, call: number, beginsMs: number): Sketch[] {
  const { caller, callees, sketches, does } = sketching(draw, call, beginsMs);
  does(caller, 0, { kind: "call", callees }, 0);
  callees.forEach((callee, index) => does(callee, 3_000 + 1_000 * index, { kind: "ring" }, 0));
  const way = draw.of("talk", "talk", "decline", "cancel", "miss");
  const [first, ...rest] = callees;
  if (way === "cancel") does(caller, 12_000, { kind: "end" }, 0);
  if (way === "decline")
    callees.forEach((callee, index) => does(callee, 9_000 + 3_000 * index, { kind: "decline" }, 0));
  if (way === "talk" && first !== undefined) {
    does(first, 9_000, { kind: "answer" }, 0);
    rest.forEach((callee, index) =>
      does(callee, 14_000 + 3_000 * index, { kind: draw.of("answer", "decline") }, 0),
    );
    const hangsUp = draw.of(caller, first);
    does(hangsUp, 30_000 + draw.upTo(20_000), { kind: "end" }, 0);
    [caller, ...callees].forEach((person, index) => {
      if (person !== hangsUp) does(person, 58_000 + 4_000 * index, { kind: "end" }, 0);
    });
  }
  return sketches;
}
