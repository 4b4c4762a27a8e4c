// Signed blobs: an Ed25519 signature, then the exact payload bytes that it covers.
//
// Each use has a context of its own inside the signature, so that a signed head can never serve as a signed reply.
//
// Source: RFC 8032; docs/FORMAT.md, "Signed blob".

import { type Bytes, concat, utf8 } from "../format/bytes.ts";
import { type Encodable, type Parser, encode, parse } from "../format/json.ts";
import { TrustError } from "./errors.ts";
import { hasLowOrder, isWellFormed } from "./keys.ts";

const SIGNATURE_BYTES = 64;
const ED25519 = { name: "Ed25519" };

export type Context =
  | "command"
  | "reply"
  | "statement"
  | "head"
  | "notice"
  | "live"
  | "ring"
  | "farewell"
  | "admission"
  | "invite"
  | "confirmation"
  | "removal"
  | "renaming"
  | "replacement"
  | "objection";

/** Signs a message; whose key it is, the caller knows. */
export type Signer = (message: Bytes) => Promise<Bytes>;

const covered = (context: Context, payload: Uint8Array): Bytes => concat(utf8(`doorward/v1/${context}\n`), payload);

export async function sign(signer: Signer, context: Context, payload: Encodable): Promise<Bytes> {
  const data = encode(payload);
  return concat(await signer(covered(context, data)), data);
}

/** The payload of a blob *before* its signature is checked: only to learn whose key to check it with. Throws FormatError. */
export const unchecked = <T>(blob: Bytes, parser: Parser<T>, path: string): T =>
  parse(blob.subarray(SIGNATURE_BYTES), parser, path);

/** The payload of a blob that `key` (32 bytes) signed for `context`. Throws TrustError, or FormatError for a payload out of form. */
export async function verify<T>(key: Bytes, context: Context, blob: Bytes, parser: Parser<T>): Promise<T> {
  const signature = blob.subarray(0, SIGNATURE_BYTES);
  const payload = blob.subarray(SIGNATURE_BYTES);
  if (hasLowOrder(key) || !isWellFormed(signature))
    throw new TrustError("the signature is none that every verifier would judge alike");
  let good: boolean;
  try {
    const imported = await crypto.subtle.importKey("raw", key, ED25519, false, ["verify"]);
    good = await crypto.subtle.verify(ED25519, imported, signature, covered(context, payload));
  } catch (error) {
    throw new TrustError("the key that should have signed is no key", { cause: error });
  }
  if (!good) throw new TrustError("the signature does not fit the key that should have made it");
  return parse(payload, parser, context);
}
