/** AWS's words where Standard and Express state machines differ. */
export const WRONG_TYPE = "This operation is not supported by this type of state machine";
