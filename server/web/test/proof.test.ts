import assert from "node:assert/strict";
import { test } from "node:test";

import { ed25519 } from "@noble/curves/ed25519.js";

import { type Bytes, bytes, concat, fromBase64, sha256, text, utf8 } from "../src/format/bytes.ts";
import { type Encodable, encode } from "../src/format/json.ts";
import { checkProof } from "../src/saved/proof.ts";

const seed = new Uint8Array(32).fill(1);
const device = bytes(ed25519.getPublicKey(seed));
const film = utf8("a film");

const base = {
  door: sha256(device),
  clip: 1,
  state: "sealed",
  begun_utc: "2026-11-23T12:00:00Z",
  duration_ms: 1000,
  pre_roll_ms: 0,
  triggers: [{ kind: "motion", at_ms: 0, zone: "", score_permille: 0 }],
  width_px: 1,
  height_px: 1,
  fps: 1,
  codec: "avc1.42c01f",
  masks_sha256: null,
  roster_seq: 0,
  header_sha256: null,
  ciphertext_sha256: null,
  ciphertext_bytes: 1,
  plaintext_sha256: sha256(film),
  plaintext_bytes: film.length,
  thumbnail: new Uint8Array(0),
  heat: new Uint8Array(0),
  masks: null,
  more_rings: 0,
} satisfies Record<string, Encodable>;

// One triangle, and its canonical bytes as Python makes them.
const masks = [
  [
    [0.10001, 0.2],
    [0.29999, 1],
    [0.12345, 0],
  ],
];
const digest = sha256(fromBase64("AAEAAxmaMzNMzP//H5oAAA=="));

function said(changed: Readonly<Record<string, Encodable>>): Promise<string> {
  // The door writes a share that is 0 or 1 as a decimal too.
  return saidIn(text(encode({ ...base, ...changed })).replaceAll(/(?<=[[,])([01])(?=[\],])/g, "$1.0"));
}

async function saidIn(written: string): Promise<string> {
  const data = utf8(written);
  const signature = ed25519.sign(concat(utf8("doorward/v1/statement\n"), data), seed);
  const proof: Bytes = encode({ form: "doorward/v1/proof", device, statement: concat(signature, data) });
  const checked = await checkProof(new Blob([film]), new Blob([proof]), () => undefined);
  return checked.kind === "holds" ? "holds" : checked.sentence;
}

test("a proof holds where masks are not told, without masks, and with those that its digest stands for", async () => {
  assert.equal(await said({}), "holds");
  assert.equal(await said({ masks: null, masks_sha256: digest }), "holds");
  assert.equal(await said({ masks: [] }), "holds");
  assert.equal(await said({ masks, masks_sha256: digest }), "holds");
});

test("a proof whose list of masks is not its digest's contradicts itself", async () => {
  for (const changed of [
    { masks: [], masks_sha256: digest },
    { masks, masks_sha256: null },
    { masks: [...masks, ...masks], masks_sha256: digest },
    { masks: masks.map((polygon) => polygon.toReversed()), masks_sha256: digest },
  ])
    assert.match(await said(changed), /masks/);
});

test("a statement with a key that nobody knows, or without one that everybody wrote, is no proof", async () => {
  assert.match(await said({ more: 1 }), /no proof/);
  assert.match(await said({ triggers: [{ kind: "motion" }] }), /no proof/);
});

test("a statement in any other text than the door's own is no proof, whoever signed it", async () => {
  const written = text(encode(base));
  assert.equal(await saidIn(written), "holds");
  for (const [from, to] of [
    [":1,", ": 1,"],
    ["}", "} "],
    ['"clip"', '"\\u0063lip"'],
    ['"clip":1', '"clip":1.0'],
    ['"clip":1', '"clip":1e0'],
    ['"clip":1', '"clip":2,"clip":1'],
    ['"clip":1,"state":"sealed"', '"state":"sealed","clip":1'],
    ["12:00:00Z", "12:00:00+00:00"],
    ["12:00:00Z", "12:00:00.000000Z"],
    ["12:00:00Z", "12:00:00.5Z"],
    ["2026-11-23T", "2026-11-31T"],
    ['=","clip"', '","clip"'],
  ] as const) {
    assert.notEqual(written.replace(from, to), written);
    assert.match(await saidIn(written.replace(from, to)), /no proof/, to);
  }
});
