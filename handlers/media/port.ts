/**
 * What calls need of a media provider. Each part is what some functions need at one moment of a call; provider.ts says which
 * provider has them. The core's words are the port's: a `Room` (calls/room.ts) is the provider's own, a `Participant`
 * (calls/participant.ts) has an id, an expiry and a room.
 *
 * M1 A provider may have no rooms of its own: one that needs none made, claimed or given back contributes no items, holds
 *    nothing, and never says that there is no room.
 * M2 All that it writes of a call's beginning is part of the admission: it begins with all of it or not at all.
 * M3 Every method is safe to repeat, as the functions are that call it.
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
  /** Looks for rooms, beside what an admission has to read anyway. */
  offer(): Promise<RoomOffer>;
}

export interface RoomOffer {
  /** The next one to try, taken out of the offer. */
  next(): Promise<OfferedRoom | NoRoom>;
  /** It was not lost: the call could not begin for another reason, and tries it again. */
  giveBack(room: OfferedRoom): void;
  /** What the provider wants to be told once a call has begun; published with the call's start, in one request. */
  announcements(atMs: number): readonly Announcement[];
}

export interface OfferedRoom {
  readonly kind: "room";
  /** As the call keeps it. */
  roomOf(callId: CallId): Room;
  /** What has to hold and is written when the call begins: items of the admission's transaction (M2). */
  claim(callId: CallId, nowMs: number): readonly RoomClaim[];
}

export interface RoomClaim {
  readonly item: TransactItems[number];
  /** What it means if its condition fails. */
  readonly lost: RoomLoss;
}

/** Another call has the room by now, or there is none at all. */
export type RoomLoss = { readonly kind: "room_lost" } | NoRoom;

export interface NoRoom {
  readonly kind: "no_room";
  readonly retryAfterSeconds: number;
}

/** Tokens with which phones join. */
export interface ParticipantTokens {
  /** Loads what signing needs, so that it can be done beside other work. */
  ready(): Promise<void>;
  /** Signed twice, the token of a participant has the same id and expiry. */
  sign(participant: Participant, nowMs: number): Promise<GivenToken>;
}

export interface GivenToken {
  readonly token: Secret;
  /** The participant's id, where the provider has chosen it. */
  readonly chosenId?: string;
}

/** Parses what the provider's events say of participants: hints, which may be lost, late, or out of order. */
export type ParticipantEvents = z.ZodMiniType<ParticipantSaid>;

export type ParticipantSaid =
  | (ParticipantOf & { readonly kind: "published" | "stopped"; readonly atMs: number })
  /** A participant that none of our calls has named. */
  | { readonly kind: "foreign" };

/** Who is there. */
export interface RoomChecks {
  /** Who is connected now: nobody if the room is gone. A request is never repeated here; `throttled`: ask later. */
  connected(room: Room): Promise<readonly Connected[] | "throttled">;
  /** To leave between two looks of one run. */
  readonly paceMs: number;
}

/** Getting people out of a room. Nothing is repeated here: whoever removes leaves the pace between two requests. */
export interface RoomRemovals {
  /** Disconnects a participant and ends its token for good. `not joined`: it is not known, and its token lives on. */
  disconnect(room: Room, participantId: string): Promise<"disconnected" | "not joined" | "throttled">;
  /** Another room, claimed for a call that goes on; undefined if there is none. */
  takeAnother(callId: CallId): Promise<TakenRoom | undefined>;
  /** Ends the room of a call with everybody in it and every token of it, unless another call has it by now. */
  end(room: Room, callId: CallId): Promise<"ended" | "serves another" | "throttled">;
  readonly paceMs: number;
}

export interface TakenRoom {
  readonly room: Room;
  /** It is not needed after all. */
  giveBack(): Promise<void>;
}

/** What an ended call gives back. */
export interface RoomClosing {
  /** What the call holds of its room, read beside the write that closes the call; undefined if that is nothing, or no longer its own. */
  held(room: Room, callId: CallId): Promise<HeldRoom | undefined>;
}

export interface HeldRoom {
  /** Until then a token of the call could still be used to join. */
  release(tokensUntilMs: number, nowMs: number): Promise<void>;
}
