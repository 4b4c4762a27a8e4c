// The end of HPKE that age uses for its hybrids: from a KEM's shared secret to the file key. Base mode, HKDF-SHA-256,
// ChaCha20-Poly1305, one message.
//
// Source: RFC 9180, sections 4 and 5.1.

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { type Bytes, EMPTY, concat, utf8 } from "../format/bytes.ts";

/** A file key and its tag. */
export const WRAPPED_BYTES = 32;

export interface Suite {
  readonly kem: number;
  readonly info: Bytes;
}

/** The file key, or null if it is sealed to another: a KEM answers for any encapsulation, and only the tag tells. */
export function unwrap({ kem, info }: Suite, shared: Uint8Array, wrapped: Uint8Array): Uint8Array | null {
  const suite = concat(utf8("HPKE"), Uint8Array.of(kem >> 8, kem & 255, 0x00, 0x01, 0x00, 0x03));
  const labeledExtract = (salt: Uint8Array, label: string, input: Uint8Array): Uint8Array =>
    extract(sha256, concat(utf8("HPKE-v1"), suite, utf8(label), input), salt);
  const context = concat(
    Uint8Array.of(0),
    labeledExtract(EMPTY, "psk_id_hash", EMPTY),
    labeledExtract(EMPTY, "info_hash", info),
  );
  const secret = labeledExtract(shared, "secret", EMPTY);
  const labeledExpand = (label: string, size: number): Uint8Array =>
    expand(
      sha256,
      secret,
      concat(Uint8Array.of(size >> 8, size & 255), utf8("HPKE-v1"), suite, utf8(label), context),
      size,
    );
  try {
    return chacha20poly1305(labeledExpand("key", 32), labeledExpand("base_nonce", 12)).decrypt(wrapped);
  } catch {
    return null;
  }
}
