/** What the view of a call is given, whatever the call's state. */
import type { Home } from "../open-phone.ts";
import type { Shown as Screen } from "../state/phone.ts";

export interface CallViewProps<S extends Screen = Screen> {
  readonly home: Home;
  readonly screen: S;
  /** Who is on the other side. */
  readonly name: string;
}
