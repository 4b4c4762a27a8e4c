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
import { sha3_256 } from "@noble/hashes/sha3.js";
import { base64nopad, bech32 } from "@scure/base";

import { type Bytes, EMPTY, bytes, concat, utf8 } from "../format/bytes.ts";
import { SealBroken } from "./errors.ts";
import { type Suite, WRAPPED_BYTES, unwrap } from "./hpke.ts";

const HYBRID_KIND = "mlkem768x25519";
export const MLKEM_CIPHERTEXT_BYTES = 1088;
const SHARE_BYTES = 32;
const XWING_LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);
const SUITE: Suite = { kem: 0x647a, info: utf8("age-encryption.org/mlkem768x25519") };

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
        if (args[0] !== HYBRID_KIND) continue;
        const encapsulation = args.length === 2 ? bytes(base64nopad.decode(args[1] ?? "")) : EMPTY;
        if (encapsulation.length !== MLKEM_CIPHERTEXT_BYTES + SHARE_BYTES || body.length !== WRAPPED_BYTES)
          throw new SealBroken("a stanza for a hybrid key is malformed");
        const key = unwrap(SUITE, await sharedSecret(halves, encapsulation), body);
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
