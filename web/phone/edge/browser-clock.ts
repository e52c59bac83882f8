/** Time in a browser: how long things take is counted, what time it is comes from the server. */
import { serverClock } from "../../../packages/client/src/time/server-clock.ts";

export const browserClock = serverClock({
  counted: () => performance.now(),
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
});
