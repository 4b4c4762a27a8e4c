// Pairing: from a card to a member of the household.
//
//     card → hello → born line (its hash is on the card, its Admit key is the card's) → name → keys → admit → signed "admitted"
//
// Source: docs/FORMAT.md, "Keys and names" and "Door messages".

import { ed25519 } from "@noble/curves/ed25519.js";

import { type Bytes, bytes, equal, sha256 } from "../format/bytes.ts";
import { type Card, admitSeed } from "../format/card.ts";
import { type Keys, signerOf } from "../keys/reader.ts";
import type { Member } from "../keys/store.ts";
import { RecordBroken, TrustError } from "../trust/errors.ts";
import { type Chain, begin } from "../trust/ledger.ts";
import { sign } from "../trust/signed.ts";
import type { Channel } from "./channel.ts";
import { Refused, Session, hello } from "./session.ts";

/** This is not the door that the card belongs to. */
export class OtherDoor extends TrustError {
  override readonly name = "OtherDoor";
}

export interface Meeting {
  readonly card: Card;
  readonly born: Bytes;
  readonly chain: Chain;
}

/** The door on this channel, if it is the one that the card belongs to. Throws OtherDoor. */
export async function meet(channel: Channel, card: Card): Promise<Meeting> {
  return recognise(card, (await hello(channel)).born);
}

export function recognise(card: Card, born: Bytes): Meeting {
  if (!equal(sha256(born), card.bornSha256)) throw new OtherDoor("the door's first line is not the one on the card");
  let chain: Chain;
  try {
    chain = begin(born);
  } catch (error) {
    if (error instanceof RecordBroken) throw new OtherDoor("the door's first line cannot be read", { cause: error });
    throw error;
  }
  if (!equal(ed25519.getPublicKey(admitSeed(card)), chain.roster.admit))
    throw new OtherDoor("the card is not the one that the door was made with");
  return { card, born, chain };
}

/** The admission of a reader, signed by the card. */
export function admissionOf(meeting: Meeting, label: string, keys: Pick<Keys, "sign" | "recipient">): Promise<Bytes> {
  const seed = admitSeed(meeting.card);
  const reader = { label, sign: keys.sign, recipient: keys.recipient };
  return sign((message) => Promise.resolve(bytes(ed25519.sign(message, seed))), "admission", {
    door: meeting.chain.roster.door,
    reader,
  });
}

/** Have this reader admitted. Throws Refused, TrustError, Unreachable. */
export async function admit(channel: Channel, meeting: Meeting, label: string, keys: Keys): Promise<Member> {
  const admission = await admissionOf(meeting, label, keys);
  const session = new Session(channel, meeting.chain.roster, keys.sign, signerOf(keys));
  try {
    await session.ask({ type: "admit", admission }, () => meeting.chain.head);
  } catch (error) {
    // An earlier try got through and its answer did not. The record will tell, once it is read.
    if (!(error instanceof Refused) || error.code !== "already_added") throw error;
  }
  return { label, keys, born: meeting.born };
}
