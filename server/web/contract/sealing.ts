// Sealed files and frames, by the page's own modules and by typage alone.

import {
  Decrypter,
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";

import { type Bytes, concat } from "../src/format/bytes.ts";
import { list, oneOf, string } from "../src/format/json.ts";
import { isFit } from "../src/sealing/fitness.ts";
import { frameHeader, frameKey, openFrame } from "../src/sealing/sframe.ts";
import { Opener } from "../src/sealing/stream.ts";
import { type Actions, data, identityIn, text } from "./request.ts";

export const SEALING: Actions = {
  async open_age(request) {
    const file = data(request, "file");
    const step = oneOf("whole", "bytes")(request["feed"], "feed") === "whole" ? file.length : 1;
    const begun: { headerSha256?: Bytes; stanzas?: number } = {};
    const opener = new Opener(identityIn(request), (beginning) => Object.assign(begun, beginning));
    const chunks: Bytes[] = [];
    for (let at = 0; at < file.length; at += step)
      for await (const chunk of opener.push(file.subarray(at, at + step))) chunks.push(chunk);
    const { chunk, ending, ciphertextSha256 } = opener.end();
    if (chunk !== null) chunks.push(chunk);
    return {
      plaintext: concat(...chunks),
      ending,
      header_sha256: begun.headerSha256 ?? null,
      stanzas: begun.stanzas ?? null,
      ciphertext_sha256: ciphertextSha256,
    };
  },

  async typage_open(request) {
    const decrypter = new Decrypter();
    decrypter.addIdentity(identityIn(request));
    return { plaintext: await decrypter.decrypt(data(request, "file")) };
  },

  async typage_seal(request) {
    const encrypter = new Encrypter();
    for (const recipient of list(string())(request["recipients"], "recipients")) encrypter.addRecipient(recipient);
    return { file: await encrypter.encrypt(data(request, "plaintext")) };
  },

  async typage_identity(request) {
    const identity = await (request["hybrid"] === true ? generateHybridIdentity() : generateX25519Identity());
    return { identity, recipient: await identityToRecipient(identity) };
  },

  open_sframe(request) {
    const frame = data(request, "frame");
    const { kid, counter } = frameHeader(frame);
    return {
      plaintext: openFrame(frameKey(kid, data(request, "key")), frame, data(request, "metadata")),
      kid: Number(kid),
      counter: Number(counter),
    };
  },

  fit: (request) => ({ fit: isFit(text(request, "recipient")) }),
};
