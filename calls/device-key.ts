/**
 * Records that are indexed by device id, stored and in memory: apps choose the ids, and `constructor` or `__proto__` is an
 * ordinary one. Every object has members of these names, and assigning `__proto__` makes no member at all. So ids that
 * `Object.prototype` knows stand in records with a mark that no device id contains; all others stand as they are.
 */
const MARK = "%";

export const keyOfDevice = (deviceId: string): string =>
  deviceId in Object.prototype ? `${MARK}${deviceId}` : deviceId;

export const deviceOfKey = (key: string): string => (key.startsWith(MARK) ? key.slice(MARK.length) : key);
