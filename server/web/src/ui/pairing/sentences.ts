// What is said to somebody who joins and does not get in: a sentence for each reason.

import { OtherDoor } from "../../door/pairing.ts";
import { Refused } from "../../door/session.ts";
import { Unreachable } from "../../format/unreachable.ts";
import { BrowserTooOld } from "../../keys/reader.ts";
import { NotKept } from "../../keys/store.ts";
import { TrustError } from "../../trust/errors.ts";
import type { Farewell } from "../../trust/farewell.ts";
import { UNFORESEEN } from "../parts/action.tsx";
import { refusedInWords } from "../parts/foreign.ts";
import { dayAndClock } from "../parts/times.ts";

export const UNCONFIRMED =
  "Nobody let this device in within ten minutes, or the door was started anew. Please ask for a new invitation.";

/** Somebody inside said no: who, and when, as far as the door knows. */
export function turnedAway({ by, label, atUtc }: Farewell): string {
  const who = by === "card" ? "Somebody with the card" : label === null ? "Somebody of the household" : `“${label}”`;
  const when = atUtc === null ? "" : `, on ${dayAndClock(atUtc)}`;
  return `${who} turned this device away${when}. It is not in the household; to ask again it needs a new invitation.`;
}

export function sentence(error: unknown): string {
  if (error instanceof OtherDoor)
    return "This is not the door the card belongs to. Nothing was sent to it. Check that you opened the address on your own card or invitation.";
  if (error instanceof BrowserTooOld) return error.message;
  if (error instanceof NotKept)
    return "This browser could not write down what it needs. Make room on this device, then try again: nothing is lost.";
  if (error instanceof Unreachable) return "The door is not reachable. Are you on the home network?";
  if (error instanceof Refused) {
    if (error.code === "roster_full")
      return "The household is full. Remove a device that is no longer used, then try again.";
    if (error.code === "already_added")
      return "This device was in the household and has been removed. Try again: it gets new keys.";
    if (error.code === "bad_admission")
      return "The door does not accept this code. Has the card been replaced by a newer one, or the invitation been used or grown old?";
    return refusedInWords(error.message, error.signed);
  }
  if (error instanceof TrustError)
    return "The answer was not signed by your door, so it does not count. Somebody may be interfering with the connection.";
  reportError(error);
  return UNFORESEEN;
}
