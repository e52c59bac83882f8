/**
 * What calls need of a media provider. Each part serves some functions at one moment of a call; provider.ts says which
 * provider has them. The core's words are the port's: a `Room` (calls/room.ts) is the provider's own, a `Participant`
 * (calls/participant.ts) has an id, an expiry and a room.
 *
 * M1 A provider may need no rooms made, claimed or given back: then it contributes no items, holds nothing, and never
 *    reports that there is no room.
 * M2 Everything that it writes to begin a call is part of the admission: the call begins with all of it or not at all.
 * M3 Every method is safe to repeat, like the functions that call it.
 */
import type * as z from "zod/mini";
import type { CallId, ParticipantOf } from "../../calls/ids.ts";
import type { Participant } from "../../calls/participant.ts";
import type { Connected } from "../../calls/presence.ts";
import type { Room } from "../../calls/room.ts";
import type { Secret } from "../../calls/secret.ts";
import type { Announcement } from "../../events/event.ts";
import type { TransactItems } from "../store/dynamodb.ts";

/** Rooms for calls that are about to begin. */
export interface RoomOffers {
  /** Finds rooms, in parallel with the admission's own reads. */
  offer(): Promise<RoomOffer>;
}

export interface RoomOffer {
  /** The next one to try, taken out of the offer. */
  next(): Promise<OfferedRoom | NoRoom>;
  /** Returns the room to the offer: the call failed to begin for another reason, and tries it again. */
  giveBack(room: OfferedRoom): void;
  /** The provider's own events once a call has begun, published with the call's start in one request. */
  announcements(atMs: number): readonly Announcement[];
}

export interface OfferedRoom {
  readonly kind: "room";
  /** The room as the call stores it. */
  roomOf(callId: CallId): Room;
  /** Conditions and writes of the call's beginning: items of the admission's transaction (M2). */
  claim(callId: CallId, nowMs: number): readonly RoomClaim[];
}

export interface RoomClaim {
  readonly item: TransactItems[number];
  /** The meaning of a failed condition. */
  readonly lost: RoomLoss;
}

/** Another call has the room now, or it does not exist. */
export type RoomLoss = { readonly kind: "room_lost" } | NoRoom;

export interface NoRoom {
  readonly kind: "no_room";
  readonly retryAfterSeconds: number;
}

/** Tokens with which phones join. */
export interface ParticipantTokens {
  /** Loads what signing needs, in parallel with other work. */
  ready(): Promise<void>;
  /** Signing a participant's token twice gives the same id and expiry. */
  sign(participant: Participant, nowMs: number): Promise<GivenToken>;
}

export interface GivenToken {
  readonly token: Secret;
  /** The participant's id, where the provider has chosen it. */
  readonly chosenId?: string;
}

/** Parses the provider's events about participants: hints, which may be lost, late, or out of order. */
export type ParticipantEvents = z.ZodMiniType<ParticipantSaid>;

export type ParticipantSaid =
  | (ParticipantOf & { readonly kind: "published" | "stopped"; readonly atMs: number })
  /** A participant that none of our calls has named. */
  | { readonly kind: "foreign" };

/** Asks who is in a room. */
export interface RoomChecks {
  /** The participants connected now; none if the room is gone. Never repeats a request; `throttled`: ask later. */
  connected(room: Room): Promise<readonly Connected[] | "throttled">;
  /** The pause between two checks of one run. */
  readonly paceMs: number;
}

/** Removes participants from a room. Never repeats a request: the remover leaves the pace between two requests. */
export interface RoomRemovals {
  /**
   * 0 if what is removed is gone for good, with its tokens. Else a participant may be back for so long, with a token that it has
   * and that the provider may have renewed: then its removal stays open until that time.
   */
  readonly returnableMs: number;
  /** Disconnects a participant and ends its token, as far as the provider can. `not joined`: it is not there, and its token lives on. */
  disconnect(room: Room, participantId: string): Promise<"disconnected" | "not joined" | "throttled">;
  /** Another room, claimed for a call that goes on; undefined if there is none. */
  takeAnother(callId: CallId): Promise<TakenRoom | undefined>;
  /** Ends the room of a call with all its participants and, as above, their tokens, unless another call has it by now. */
  end(room: Room, callId: CallId): Promise<"ended" | "serves another" | "throttled">;
  readonly paceMs: number;
}

export interface TakenRoom {
  readonly room: Room;
  /** Gives the room back unused. */
  giveBack(): Promise<void>;
}

/** Gives back what an ended call held. */
export interface RoomClosing {
  /** The call's hold on its room, read in parallel with the write that closes the call; undefined if it has none any more. */
  held(room: Room, callId: CallId): Promise<HeldRoom | undefined>;
}

export interface HeldRoom {
  /** Until then a token of the call could be used to join. */
  release(tokensUntilMs: number, nowMs: number): Promise<void>;
}
