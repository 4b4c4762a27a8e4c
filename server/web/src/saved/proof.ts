// Checks an exported film against its proof: what the holder of a key signed about it, and no more than that.
//
// Source: docs/FORMAT.md, "Proof".

import { type Bytes, bytes, equal, fromBase64, sha256 as digest } from "../format/bytes.ts";
import { FormatError, blob, object, oneOf, parseAny } from "../format/json.ts";
import { masksFit } from "../format/masks.ts";
import { type Statement, statement } from "../format/statement.ts";
import { wordsOf } from "../format/words.ts";
import { TrustError } from "../trust/errors.ts";
import { verify } from "../trust/signed.ts";
import { UNREADABLE, isUnreadable } from "./open.ts";
import { sha256 } from "@noble/hashes/sha2.js";

const proofForm = object({ form: oneOf("doorward/v1/proof"), device: blob(32), statement: blob() });
const MAX_PROOF_BYTES = 1 << 20;

export type Checked =
  | { readonly kind: "holds"; readonly words: string; readonly said: Statement }
  | { readonly kind: "refused"; readonly sentence: string };

const refused = (sentence: string): Checked => ({ kind: "refused", sentence });

/** Whether a film is the one that its proof is of. Never throws for what the files hold. */
export async function checkProof(film: Blob, proof: Blob, read: (size: number) => void): Promise<Checked> {
  if (proof.size > MAX_PROOF_BYTES)
    return refused("This is no proof: it is far too large. Its name ends with “.proof”.");
  if (!(await canVerify())) return refused("This browser cannot check signatures. Please use a newer one.");
  try {
    return await judge(film, proof, read);
  } catch (error) {
    if (isUnreadable(error)) return refused(UNREADABLE);
    throw error;
  }
}

/** Whether this browser knows the door's kind of signature; the key is RFC 8032's first example. */
async function canVerify(): Promise<boolean> {
  const key = fromBase64("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
  try {
    await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

async function judge(film: Blob, proof: Blob, read: (size: number) => void): Promise<Checked> {
  let device: Bytes;
  let said: Statement;
  try {
    const claim = parseAny(bytes(new Uint8Array(await proof.arrayBuffer())), proofForm, "proof");
    device = claim.device;
    said = await verify(device, "statement", claim.statement, statement);
  } catch (error) {
    if (error instanceof FormatError) return refused("This is no proof. Its name ends with “.proof”.");
    if (error instanceof TrustError)
      return refused("The signature in this proof does not hold: the proof was changed.");
    throw error;
  }
  if (!equal(said.door, digest(device)))
    return refused("The proof contradicts itself: it was signed for another door than its key’s.");
  if (!masksFit(said.masks, said.masks_sha256))
    return refused("The proof contradicts itself: the masks that it lists are not those that its digest stands for.");
  if (said.state !== "sealed" || said.plaintext_sha256 === null)
    return refused("The door signed that there is no film, or that it was not finished.");
  if (!equal(await hashOf(film, read), said.plaintext_sha256))
    return refused(
      "The film is not the one that the proof is of. One of them was changed, or they do not belong together.",
    );
  return { kind: "holds", words: wordsOf(device), said };
}

async function hashOf(file: Blob, read: (size: number) => void): Promise<Bytes> {
  const hash = sha256.create();
  let size = 0;
  const reader = file.stream().getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    hash.update(next.value);
    read((size += next.value.length));
  }
  return bytes(hash.digest());
}
