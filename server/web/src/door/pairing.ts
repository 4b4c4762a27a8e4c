// Pairing: from a card or an invite to a member of the household.
//
//     code → hello → born line (its hash is in the code) → name → keys
//     card   → reader_added → signed "changed"
//     invite → applied → signed "changed" → asks again and again, until a reader has confirmed and the door answers
//
// Source: docs/FORMAT.md, "Keys and names", "Household" and "Door messages".

import { ed25519 } from "@noble/curves/ed25519.js";

import { type Bytes, bytes, equal, sha256 } from "../format/bytes.ts";
import { type Code, seedOf } from "../format/card.ts";
import { type Keys, signerOf } from "../keys/reader.ts";
import type { Member } from "../keys/store.ts";
import { RecordBroken, TrustError } from "../trust/errors.ts";
import { type Chain, begin } from "../trust/ledger.ts";
import { sign } from "../trust/signed.ts";
import type { Channel } from "./channel.ts";
import { Refused, Session, hello } from "./session.ts";

/** This is not the door that the code belongs to. */
export class OtherDoor extends TrustError {
  override readonly name = "OtherDoor";
}

export interface Meeting {
  readonly code: Code;
  readonly born: Bytes;
  readonly chain: Chain;
}

/** The door on this channel, if it is the one that the code belongs to. Throws OtherDoor. */
export async function meet(channel: Channel, code: Code): Promise<Meeting> {
  return recognise(code, (await hello(channel)).born);
}

export function recognise(code: Code, born: Bytes): Meeting {
  if (!equal(sha256(born), code.bornSha256)) throw new OtherDoor("the door’s first line is not the one in the code");
  try {
    // Whether the card is still in force only the door can tell: it may have been replaced since.
    return { code, born, chain: begin(born) };
  } catch (error) {
    if (error instanceof RecordBroken) throw new OtherDoor("the door’s first line cannot be read", { cause: error });
    throw error;
  }
}

/** The admission of a reader, signed by the card or the invite. */
export function admissionOf(meeting: Meeting, label: string, keys: Pick<Keys, "sign" | "recipient">): Promise<Bytes> {
  const seed = seedOf(meeting.code);
  const reader = { label, sign: keys.sign, recipient: keys.recipient };
  return sign((message) => Promise.resolve(bytes(ed25519.sign(message, seed))), "admission", {
    door: meeting.chain.roster.door,
    reader,
  });
}

/** Ask to be admitted: with a card that is all, with an invite somebody has to confirm. Throws Refused, TrustError, Unreachable. */
export async function admit(channel: Channel, meeting: Meeting, label: string, keys: Keys): Promise<Member> {
  const admission = await admissionOf(meeting, label, keys);
  const type = meeting.code.kind === "admit" ? "reader_added" : "applied";
  try {
    const line = { type, admission } as const;
    await sessionOf(channel, meeting, keys).ask({ type: "change", line }, () => meeting.chain.head);
  } catch (error) {
    // An earlier try got through and its answer did not. The record will tell, once it is read.
    if (!(error instanceof Refused) || error.code !== "already_added") throw error;
  }
  return { label, keys, born: meeting.born };
}

/** Whether the door answers this reader as one of the household. Throws TrustError, Unreachable. */
export async function isMember(channel: Channel, meeting: Meeting, keys: Keys): Promise<boolean> {
  try {
    await sessionOf(channel, meeting, keys).ask({ type: "head" }, () => meeting.chain.head);
    return true;
  } catch (error) {
    if (error instanceof Refused && error.code === "unknown_reader") return false;
    throw error;
  }
}

const sessionOf = (channel: Channel, meeting: Meeting, keys: Keys): Session =>
  new Session(channel, meeting.chain.roster, keys.sign, signerOf(keys));
