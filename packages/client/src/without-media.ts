/** A phone that says it is on the stage and is not: for a first try and for tests. The server drops its call after a minute or so. */
import { type MediaAdapter, NO_MEDIA } from "./media.ts";

export const withoutMedia: MediaAdapter = {
  join(_token, { tell }) {
    let left = false;
    void Promise.resolve().then(() => !left && tell({ is: "connected" }));
    return { state: () => NO_MEDIA, leave: () => void (left = true) };
  },
};
