// A hybrid age identity (mlkem768x25519) whose private halves are WebCrypto keys that script cannot read.
//
//     encapsulation = ML-KEM-768 ciphertext (1088) || X25519 share (32)
//     shared secret = SHA3-256(ML-KEM secret || X25519 secret || X25519 share || our X25519 public || label)      (X-Wing)
//     wrapped file key = HPKE base mode, ChaCha20-Poly1305
//
// Both halves are needed to open anything, so even a half that must be unwrapped in script gives nothing away alone.
//
// Source: c2sp.org/age "mlkem768x25519"; RFC 9180; draft-connolly-cfrg-xwing-kem.

import type { Identity, Stanza } from "age-encryption";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { sha3_256 } from "@noble/hashes/sha3.js";
import { base64nopad, bech32 } from "@scure/base";

import { type Bytes, EMPTY, bytes, concat, utf8 } from "../format/bytes.ts";
import { SealBroken } from "./errors.ts";

export const MLKEM_CIPHERTEXT_BYTES = 1088;
const SHARE_BYTES = 32;
const WRAPPED_BYTES = 32;
const XWING_LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);
const SUITE = concat(utf8("HPKE"), Uint8Array.of(0x64, 0x7a, 0x00, 0x01, 0x00, 0x03));
const INFO = utf8("age-encryption.org/mlkem768x25519");

/** The two private halves, as functions: ciphertext or public share in, shared secret out. */
export interface Halves {
  readonly mlkem: (ciphertext: Bytes) => Promise<Bytes>;
  readonly x25519: (share: Bytes) => Promise<Bytes>;
  readonly x25519Public: Bytes;
}

export const hybridRecipient = (mlkemPublic: Bytes, x25519Public: Bytes): string =>
  bech32.encode("age1pq", bech32.toWords(concat(mlkemPublic, x25519Public)), false);

export function hybridIdentity(halves: Halves): Identity {
  return {
    async unwrapFileKey(stanzas: Stanza[]): Promise<Uint8Array | null> {
      for (const { args, body } of stanzas) {
        if (args[0] !== "mlkem768x25519") continue;
        const encapsulation = args.length === 2 ? bytes(base64nopad.decode(args[1] ?? "")) : EMPTY;
        if (encapsulation.length !== MLKEM_CIPHERTEXT_BYTES + SHARE_BYTES || body.length !== WRAPPED_BYTES)
          throw new SealBroken("a stanza for a hybrid key is malformed");
        const key = unwrap(await sharedSecret(halves, encapsulation), body);
        if (key !== null) return key;
      }
      return null;
    },
  };
}

async function sharedSecret(halves: Halves, encapsulation: Bytes): Promise<Uint8Array> {
  const share = encapsulation.slice(MLKEM_CIPHERTEXT_BYTES);
  const fromMlkem = await halves.mlkem(encapsulation.slice(0, MLKEM_CIPHERTEXT_BYTES));
  const fromX25519 = await halves.x25519(share);
  return sha3_256(concat(fromMlkem, fromX25519, share, halves.x25519Public, XWING_LABEL));
}

function unwrap(shared: Uint8Array, wrapped: Uint8Array): Uint8Array | null {
  const context = concat(
    Uint8Array.of(0),
    labeledExtract(EMPTY, "psk_id_hash", EMPTY),
    labeledExtract(EMPTY, "info_hash", INFO),
  );
  const secret = labeledExtract(shared, "secret", EMPTY);
  const key = labeledExpand(secret, "key", context, 32);
  const nonce = labeledExpand(secret, "base_nonce", context, 12);
  try {
    return chacha20poly1305(key, nonce).decrypt(wrapped);
  } catch {
    // ML-KEM answers for any stanza of its kind; only this tag tells whose it is.
    return null;
  }
}

const labeledExtract = (salt: Uint8Array, label: string, input: Uint8Array): Uint8Array =>
  extract(sha256, concat(utf8("HPKE-v1"), SUITE, utf8(label), input), salt);

const labeledExpand = (secret: Uint8Array, label: string, info: Uint8Array, size: number): Uint8Array =>
  expand(sha256, secret, concat(Uint8Array.of(size >> 8, size & 255), utf8("HPKE-v1"), SUITE, utf8(label), info), size);
