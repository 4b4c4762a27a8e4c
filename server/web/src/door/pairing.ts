// Pairing: from a card or an invite to a member of the household.
//
//     code → hello → born line (its hash is in the code) → name → keys and admission, kept → sent
//     card   → reader_added → signed "changed"
//     invite → applied → signed "changed" → asks again and again, until a reader has confirmed or turned it away
//
// What is sent was kept before: wherever this is cut off, the next load finds keys and admission, and asks whether it was taken.
//
// Source: docs/FORMAT.md, "Keys and names", "Household" and "Door messages".

import { ed25519 } from "@noble/curves/ed25519.js";

import { type Bytes, bytes, equal, sha256 } from "../format/bytes.ts";
import { type Code, seedOf } from "../format/card.ts";
import { type Keeper, provenKeys } from "../keys/birth.ts";
import { type Keys, signerOf } from "../keys/reader.ts";
import type { Joining } from "../keys/store.ts";
import { RecordBroken, TrustError } from "../trust/errors.ts";
import { type Farewell, readFarewell } from "../trust/farewell.ts";
import { type Chain, begin } from "../trust/ledger.ts";
import { sign } from "../trust/signed.ts";
import type { Channel } from "./channel.ts";
import { Parted, Refused, Session, hello } from "./session.ts";

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

/** What pairing needs of the browser's storage. */
export interface Notebook extends Keeper {
  joining(): Promise<Joining | null>;
  keepJoining(joining: Joining): Promise<void>;
}

/**
 * Keys and an admission for them, kept. An earlier try at the same door keeps its keys: it may have got through, or still do.
 * Throws BrowserTooOld, or NotKept; nothing was sent.
 */
export async function prepare(notebook: Notebook, meeting: Meeting, label: string): Promise<Joining> {
  const earlier = await notebook.joining();
  const same = earlier !== null && equal(earlier.born, meeting.born);
  const keys = same ? earlier.keys : await provenKeys(notebook);
  const admission = await admissionOf(meeting, label, keys);
  const joining = { kind: meeting.code.kind, label, keys, born: meeting.born, admission };
  await notebook.keepJoining(joining);
  return joining;
}

/**
 * Ask to be admitted: with a card that is all, with an invite somebody has to confirm. Asking again changes nothing.
 * Throws Refused, TrustError, Unreachable.
 */
export async function admit(channel: Channel, joining: Joining): Promise<void> {
  const { admission, kind } = joining;
  const line = { type: kind === "admit" ? "reader_added" : "applied", admission } as const;
  const { chain, session } = asking(channel, joining);
  try {
    await session.ask({ type: "change", line }, () => chain.head);
  } catch (error) {
    // An earlier try got through and its answer did not.
    if (
      !(error instanceof Refused) ||
      error.code !== "already_added" ||
      (await standing(channel, joining)) !== "inside"
    )
      throw error;
  }
}

/** Where somebody stands who asked to join; with a farewell, somebody inside has said no. */
export type Standing = "inside" | "waiting" | "outside" | Farewell;

/** What the door says of this reader: only “inside” and a farewell are signed. Throws OtherDoor, TrustError, Unreachable. */
export async function standing(channel: Channel, joining: Joining): Promise<Standing> {
  const { chain, session } = asking(channel, joining);
  try {
    await session.ask({ type: "head" }, () => chain.head);
    return "inside";
  } catch (error) {
    if (error instanceof Parted) return await readFarewell(error.word, chain.roster, joining.keys.sign);
    if (error instanceof Refused && error.code === "waiting") return "waiting";
    if (error instanceof Refused && error.code === "unknown_reader") return "outside";
    if (error instanceof Refused && error.code === "wrong_door")
      throw new OtherDoor("another door answers at this address", { cause: error });
    throw error;
  }
}

function asking(channel: Channel, { born, keys }: Joining): { readonly chain: Chain; readonly session: Session } {
  const chain = begin(born);
  return { chain, session: new Session(channel, chain.roster, keys.sign, signerOf(keys)) };
}
