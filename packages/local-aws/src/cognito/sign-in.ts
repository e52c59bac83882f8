/** One sign-in: who, by which client, and the refresh token that goes on with it. */
import type { PoolClient, User, UserPool } from "./user-pools.ts";

export interface SignIn {
  readonly originJti: string;
  refreshToken: string;
  /** Refresh tokens that rotation has replaced, and until when each still works. */
  readonly replaced: Map<string, number>;
  readonly pool: UserPool;
  readonly client: PoolClient;
  readonly user: User;
  readonly authTimeSeconds: number;
  readonly expiresAtMs: number;
  revoked: boolean;
}
