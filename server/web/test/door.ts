// A door for tests: makes cards, ledgers and signed blobs as a device would.

import { gcm } from "@noble/ciphers/aes.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { bech32 } from "@scure/base";
import { Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

import { type Bytes, bigEndian64, bytes, concat, sha256, utf8 } from "../src/format/bytes.ts";
import { type Code, seedOf } from "../src/format/card.ts";
import { type Encodable, encode } from "../src/format/json.ts";
import type { Head } from "../src/format/lines.ts";
import { hybridRecipient } from "../src/sealing/hybrid.ts";
import { frameKey } from "../src/sealing/sframe.ts";
import { type Context, type Signer, sign } from "../src/trust/signed.ts";

export const signer =
  (seed: Uint8Array): Signer =>
  (message) =>
    Promise.resolve(bytes(ed25519.sign(message, seed)));

const seed = (byte: number): Bytes => new Uint8Array(32).fill(byte);
export const DEVICE = seed(1);
export const SECRET = new Uint8Array(16).fill(7);
export const RECIPIENT = hybridRecipient(
  bytes(ml_kem768.keygen(new Uint8Array(64).fill(3)).publicKey),
  bytes(x25519.getPublicKey(seed(3))),
);

/** A sealed frame, as RFC 9605 has it; counters below 256. */
export function sealFrame(kid: number, base: Bytes, counter: number, plaintext: Bytes, metadata: Bytes): Bytes {
  const { key, salt } = frameKey(BigInt(kid), base);
  const header = Uint8Array.of((kid << 4) | (counter < 8 ? counter : 8), ...(counter < 8 ? [] : [counter]));
  const mask = concat(new Uint8Array(4), bigEndian64(BigInt(counter)));
  return concat(
    header,
    gcm(
      key,
      salt.map((byte, i) => byte ^ (mask[i] ?? 0)),
      concat(header, metadata),
    ).encrypt(plaintext),
  );
}

const padded = (data: Bytes): Bytes => concat(data, new Uint8Array((256 - (data.length % 256)) % 256).fill(0x20));

export class Door {
  readonly lines: Bytes[] = [];
  readonly device = bytes(ed25519.getPublicKey(DEVICE));
  readonly id = sha256(this.device);
  readonly card: Code;
  readonly base = seed(9);
  epochFile: Bytes = new Uint8Array(0);
  #counter = 0;

  constructor() {
    const admit = bytes(ed25519.getPublicKey(seedOf({ kind: "admit", secret: SECRET })));
    this.add({ type: "born", door: "Front door", device: this.device, admit, open: RECIPIENT });
    this.card = { kind: "admit", secret: SECRET, bornSha256: sha256(this.lines[0] ?? SECRET) };
  }

  get code(): string {
    return bech32.encode("admit", bech32.toWords(concat(this.card.secret, this.card.bornSha256)));
  }

  get head(): Head {
    return { seq: this.lines.length - 1, hash: sha256(this.lines.at(-1) ?? SECRET) };
  }

  add(publicBody: Encodable, privateBody: Encodable = null, epoch = 1): void {
    const seq = this.lines.length;
    const prev = seq === 0 ? new Uint8Array(32) : this.head.hash;
    const metadata = concat(utf8("doorward/v1/line\n"), bigEndian64(BigInt(seq)), prev);
    const sealed =
      privateBody === null ? null : sealFrame(epoch, this.base, this.#counter++, padded(encode(privateBody)), metadata);
    this.lines.push(encode({ seq, prev, public: publicBody, private: sealed }));
  }

  async addReader(label: string, readerSign: Bytes, recipient = RECIPIENT): Promise<void> {
    const payload = { door: this.id, reader: { label, sign: readerSign, recipient } };
    this.add({ type: "reader_added", admission: await sign(signer(seedOf(this.card)), "admission", payload) });
  }

  /** Begin epoch 1, sealed to these and to the card, whose half nobody has. */
  async beginEpoch(...recipients: readonly string[]): Promise<void> {
    const encrypter = new Encrypter();
    const card = await identityToRecipient(await generateHybridIdentity());
    for (const recipient of [...recipients, card]) encrypter.addRecipient(recipient);
    this.epochFile = bytes(await encrypter.encrypt(encode({ epoch: 1, key: this.base })));
    this.add(
      { type: "epoch", epoch: 1, sha256: sha256(this.epochFile) },
      { type: "started", at_utc: "2026-11-23T12:00:00Z", epoch: 1 },
    );
  }

  signed(context: Context, payload: Encodable): Promise<Bytes> {
    return sign(signer(DEVICE), context, payload);
  }
}
