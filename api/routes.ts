/** Every route of the API: the envelope's, and one for each command. All that the stack needs to know of the contract. */
import { commands } from "./commands.ts";

export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
}

/** `action` in the body names the command. */
const ENVELOPE: Route = { method: "POST", path: "/" };

export const routes: readonly Route[] = [ENVELOPE, ...commands.map(({ route }) => route)];
