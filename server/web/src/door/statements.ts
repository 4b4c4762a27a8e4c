// What a reader says about the household, signed: each becomes a public line of the ledger, for everybody to check.
//
// Source: docs/FORMAT.md, "Household".

import { ed25519 } from "@noble/curves/ed25519.js";

import { type Bytes, bytes } from "../format/bytes.ts";
import { type NewCard, inviteCode, seedOf } from "../format/card.ts";
import type { Change } from "../format/lines.ts";
import type { Application, Proposal } from "../trust/roster.ts";
import { type Signer, sign } from "../trust/signed.ts";

/** Who speaks, at which door. */
export interface Voice {
  readonly door: Bytes;
  readonly by: Bytes;
  readonly signer: Signer;
}

const SECRET_BYTES = 16;

/** An invite's line, and the code to hand to whoever is invited. */
export async function invite(
  { door, by, signer }: Voice,
  bornSha256: Bytes,
): Promise<{ readonly change: Change; readonly code: string }> {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
  const key = bytes(ed25519.getPublicKey(seedOf({ kind: "invite", secret })));
  return {
    change: { type: "invited", invite: await sign(signer, "invite", { door, by, key }) },
    code: inviteCode({ secret, bornSha256 }),
  };
}

export const confirm = async (voice: Voice, { subject }: Application): Promise<Change> => ({
  type: "reader_confirmed",
  confirmation: await confirmation(voice, subject),
});

/** Of a reader, or of somebody who only asks: that one is turned away. */
export const remove = async ({ door, by, signer }: Voice, reader: Bytes): Promise<Change> => ({
  type: "reader_removed",
  removal: await sign(signer, "removal", { door, by, reader }),
});

export const rename = async ({ door, by, signer }: Voice, reader: Bytes, label: string): Promise<Change> => ({
  type: "reader_renamed",
  renaming: await sign(signer, "renaming", { door, by, reader, label }),
});

export const proposeCard = async ({ door, by, signer }: Voice, { admit, open }: NewCard): Promise<Change> => ({
  type: "card_proposed",
  replacement: await sign(signer, "replacement", { door, by, admit, open }),
});

export const objectToCard = async ({ door, by, signer }: Voice, { subject }: Proposal): Promise<Change> => ({
  type: "card_objected",
  objection: await sign(signer, "objection", { door, by, subject }),
});

export const agreeToCard = async (voice: Voice, { blob, subject }: Proposal): Promise<Change> => ({
  type: "card_replaced",
  replacement: blob,
  confirmation: await confirmation(voice, subject),
});

const confirmation = ({ door, by, signer }: Voice, subject: Bytes): Promise<Bytes> =>
  sign(signer, "confirmation", { door, by, subject });
