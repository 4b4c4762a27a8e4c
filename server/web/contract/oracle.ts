// The page's side of the contract tests: one JSON object a line in, one JSON object a line out. Bytes are base64.
//
//     {"do":"open_age","file":b,"identity":s,"feed":"whole"|"bytes"}        → {"plaintext":b,"ending":s,"header_sha256":b,…}
//     anything that the page refuses                                        → {"refused":"SealBroken","sentence":s}
//
// `open_age`, ledger, replies, cards and keys are the page's own modules; `typage_open` and `typage_seal` are typage alone, as an
// independent oracle.

import { createInterface } from "node:readline";

import { concat, utf8 } from "../src/format/bytes.ts";
import { type Encodable, encode } from "../src/format/json.ts";
import { CLIPS } from "./clips.ts";
import { TEXTS } from "./forms.ts";
import { READERS } from "./readers.ts";
import { RECORD } from "./record.ts";
import { type Actions, type Request, text } from "./request.ts";
import { SEALING } from "./sealing.ts";

const ACTIONS: Actions = { ...SEALING, ...READERS, ...RECORD, ...TEXTS, ...CLIPS };

async function answer(line: string): Promise<Encodable> {
  try {
    const request = JSON.parse(line) as Request;
    const action = ACTIONS[text(request, "do")];
    if (!action) throw new Error(`unknown action; there are ${Object.keys(ACTIONS).join(", ")}`);
    return await action(request);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { refused: error.name, sentence: error.message };
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity }))
  if (line.trim() !== "") process.stdout.write(concat(encode(await answer(line)), utf8("\n")));
