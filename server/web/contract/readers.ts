// Cards, readers, and what readers and door say to each other.

import { ed25519 } from "@noble/curves/ed25519.js";

import { admissionOf, recognise } from "../src/door/pairing.ts";
import { readReply } from "../src/door/session.ts";
import { parseCode, seedOf } from "../src/format/card.ts";
import type { Encodable } from "../src/format/json.ts";
import { head } from "../src/format/lines.ts";
import { makeKeys, signerOf } from "../src/keys/reader.ts";
import { begin } from "../src/trust/ledger.ts";
import { sign } from "../src/trust/signed.ts";
import { type Actions, data, keysOf, readers, text } from "./request.ts";

export const READERS: Actions = {
  parse_card(request) {
    const code = parseCode(text(request, "code"));
    const { kind, secret, bornSha256 } = code;
    return { kind, secret, born_sha256: bornSha256, key: ed25519.getPublicKey(seedOf(code)) };
  },

  /** `native` false makes the ML-KEM half as browsers without WebCrypto ML-KEM do, `tagged` the other as those without X25519. */
  async new_reader(request) {
    const curve = request["tagged"] === true ? "P-256" : "X25519";
    const keys = await makeKeys({ curve, native: request["native"] === true });
    readers.set(text(request, "reader"), keys);
    return { sign: keys.sign, recipient: keys.recipient };
  },

  async admission(request) {
    const meeting = recognise(parseCode(text(request, "code")), data(request, "born"));
    return { admission: await admissionOf(meeting, text(request, "label"), keysOf(request)) };
  },

  async command(request) {
    const keys = keysOf(request);
    const payload = {
      door: data(request, "door"),
      nonce: data(request, "nonce"),
      head: { ...head(request["head"], "head") },
      reader: keys.sign,
      body: request["body"] as Encodable,
    };
    return { signed: await sign(signerOf(keys), "command", payload) };
  },

  async verify_reply(request) {
    const { roster } = begin(data(request, "born"));
    const reply = await readReply(
      data(request, "signed"),
      data(request, "command"),
      head(request["head"], "head"),
      roster,
    );
    return { reply: reply as unknown as Encodable };
  },
};
