/** What the view of a call is given, whatever the call's state. */
import type { Home } from "../open-phone.ts";
import type { Shown as Screen } from "../state/phone.ts";
import type { Others } from "../state/words.ts";

export interface CallViewProps<S extends Screen = Screen> {
  readonly home: Home;
  readonly screen: S;
  readonly others: Others;
}
