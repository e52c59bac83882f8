/** Choice: the first rule whose condition holds, else Default. */
import { exitBy, type Exit } from "./exit.ts";
import { RUNTIME, StateError } from "./state-error.ts";
import { evaluateAs, type Visit } from "./visit.ts";

export async function runChoice(visit: Visit): Promise<Exit> {
  const { state, input, name, enteredEventId } = visit;
  for (const [index, rule] of (state.Choices ?? []).entries()) {
    const place = `Choices[${index}]/`;
    if (await evaluateAs(visit, `${place}Condition`, rule.Condition, "boolean")) {
      return exitBy(visit, rule, input, place);
    }
  }
  if (state.Default !== undefined) return exitBy(visit, { ...state, Next: state.Default }, input);
  throw new StateError(
    RUNTIME,
    `An error occurred while executing the state '${name}' (entered at the event id #${enteredEventId}). ` +
      "Failed to transition out of the state. The state does not point to a next state.",
  );
}
