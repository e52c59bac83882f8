/** What IVS allows the whole account, and how those who share it divide it. */

/** IVS allows 5 GetStage and 5 ListParticipants a second: 2 runs of `verify-legs`, each at this pace, use 4. */
export const CHECK_CONCURRENCY = 2;
export const CHECK_PACE_MS = 500;
/** IVS allows 5 DisconnectParticipant and 5 DeleteStage a second: one remover at this pace uses 4 of both together. */
export const REMOVAL_PACE_MS = 250;
/**
 * What the keeper of the stage pool spends of IVS's 5 requests a second of each operation. Nothing else makes or lists stages.
 * Of GetStage `verify-legs` spends 4. Of ListParticipants both may spend 4, each seldom: the keeper while stages are short,
 * `verify-legs` while legs are in doubt. If both want them at once, IVS throttles, and the keeper gives way (K2). Of DeleteStage
 * the remover may spend 4 while it runs, which is seldom; when it does not, the keeper has 4.
 */
export const KEEPER_A_SECOND = {
  CreateStage: 5,
  ListStages: 5,
  DeleteStage: 4,
  GetStage: 1,
  ListParticipants: 4,
} as const;
export const KEEPER_DELETIONS_BESIDE_REMOVER = 1;
/** Endpoints of a stage may be used for 14 days after they were read; leases keep a day in hand. */
export const STAGE_ENDPOINTS_DAYS = 13;
/** Free stages read beside the clients, so that a lost stage needs no new query. */
export const STAGE_CANDIDATES = 8;
/** A look for free stages that finds fewer says that the pool is low. */
export const FEW_STAGES = 4;
/** Stages that the deployment makes, five a second: it waits for the first 1,300, the keeper of the pool makes the others. */
export const MIN_STAGES = { default: 100, min: 1, max: 200_000 } as const;
/** Stages that the pool may grow to. IVS's own quota is 1,000 for the account and Region unless it was raised. */
export const MAX_STAGES = { default: 400, min: 1, max: 200_000 } as const;
