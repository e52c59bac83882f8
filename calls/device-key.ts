/**
 * Keys of records by device id, stored and in memory. Apps choose the ids, so `constructor` and `__proto__` are valid ones.
 * Every object has members of these names, and assigning `__proto__` creates no member at all. So an id that
 * `Object.prototype` knows is written with a mark that no device id contains; every other id is its own key.
 */
const MARK = "%";

export const keyOfDevice = (deviceId: string): string =>
  deviceId in Object.prototype ? `${MARK}${deviceId}` : deviceId;

export const deviceOfKey = (key: string): string => (key.startsWith(MARK) ? key.slice(MARK.length) : key);
