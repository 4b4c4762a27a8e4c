// Clips as the list shows them, and a whole door checked.

import { hasFilm, judgeClip } from "../src/door/checkup.ts";
import { type Clip, isSealed, readClip } from "../src/clips/clips.ts";
import type { Session } from "../src/door/session.ts";
import { sightOf } from "../src/door/sight.ts";
import { catchUp } from "../src/door/sync.ts";
import { NO_FILM } from "../src/clips/verdict.ts";
import { type Bytes, sha256 } from "../src/format/bytes.ts";
import { type Encodable, blob, count, list, nullable, object } from "../src/format/json.ts";
import type { Head } from "../src/format/lines.ts";
import { Epochs } from "../src/sealing/epochs.ts";
import { inspect } from "../src/play/inspect.ts";
import { noFacts } from "../src/trust/facts.ts";
import { begin } from "../src/trust/ledger.ts";
import { type SealedTo, keysAt, readerOf } from "../src/trust/roster.ts";
import { type Actions, data, epochsIn, filesIn, identityIn, text } from "./request.ts";

const file = nullable(blob());
const listing = list(object({ clip: count(), event: file, begun: file }));
const filmFiles = list(object({ clip: count(), file }));
const PART_BYTES = 50_000;

/** A session with a door that hands out just this. */
function handingOut(lines: readonly Bytes[], files: readonly { epoch: number; file: Bytes }[]): Session {
  const head: Head = { seq: lines.length - 1, hash: sha256(lines.at(-1) ?? new Uint8Array(0)) };
  const ask = (body: { type: string; from: number }): Promise<unknown> => {
    const answer =
      body.type === "ledger"
        ? { type: "ledger", from: body.from, lines: lines.slice(body.from), more: false }
        : { type: "epochs", epochs: files.filter(({ epoch }) => epoch >= body.from), more: false };
    return Promise.resolve({ body: answer, head });
  };
  return { ask } as unknown as Session;
}

/** As a network hands it out. */
async function* inParts(data: Bytes): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < data.length; at += PART_BYTES) yield await Promise.resolve(data.subarray(at, at + PART_BYTES));
}

export const CLIPS: Actions = {
  /** One clip's event files, as the list shows them to a reader who joined in line `joined`. */
  async read_clip(request) {
    const epochs = epochsIn(request);
    const sealed = {
      clip: count()(request["clip"], "clip"),
      event: file(request["event"], "event"),
      begun: file(request["begun"], "begun"),
    };
    const clip = await readClip(text(request, "day"), sealed, {
      epochs,
      roster: begin(data(request, "born")).roster,
      firstEpoch: 1,
      lastEpoch: filesIn(request).at(-1)?.epoch ?? 0,
      joined: count()(request["joined"] ?? 0, "joined"),
      isGiven: () => false,
      isFinished: () => false,
    });
    return { clip: clip as unknown as Encodable };
  },

  /**
   * A whole door as it is handed out: lines, epoch files (empty if lost), what is listed of each clip, its film or null.
   * Read by the reader `sign`; by the card, which belongs from the first line on, if that is null.
   */
  async check_everything(request) {
    const lines = list(blob())(request["lines"], "lines");
    const files = filesIn(request);
    const sign = nullable(blob(32))(request["sign"], "sign");
    const identity = identityIn(request);
    const epochs = new Epochs(identity);
    const born = begin(lines[0] ?? new Uint8Array(0));
    const session = handingOut(lines, files);
    const known = { chain: born, facts: noFacts() };
    const { verified } = await catchUp(session, sign ?? new Uint8Array(32), known, epochs);
    const { roster } = verified.chain;
    const sight = sightOf(verified, sign === null ? { seq: 0, epoch: 1 } : readerOf(roster, sign), epochs);
    const isFinished = (clip: number): boolean => isSealed(verified.facts.clips.get(clip));
    const clips = new Map<number, Clip>();
    for (const sealed of listing(request["listed"], "listed"))
      clips.set(sealed.clip, await readClip("2026-11-23", sealed, { ...sight, isGiven: () => false, isFinished }));
    const films = new Map(filmFiles(request["films"], "films").map(({ clip, file }) => [clip, file]));
    const numbers = new Set([...clips.keys(), ...verified.facts.clips.keys()]);
    const findings: Encodable[] = [];
    for (const number of [...numbers].filter((clip) => !verified.facts.gone.has(clip)).sort((a, b) => a - b)) {
      const facts = verified.facts.clips.get(number);
      const file = films.get(number) ?? null;
      const keys = (seq: number): SealedTo => keysAt(roster, seq);
      const onlooker = { identity, given: [], keys, belongsAt: sight.belongsAt };
      const film = !hasFilm(facts)
        ? { ...NO_FILM, kind: clips.has(number) ? ("unseen" as const) : ("absent" as const) }
        : file === null
          ? NO_FILM
          : await inspect(inParts(file), facts, onlooker);
      findings.push({ ...judgeClip(number, clips.get(number) ?? null, film, sight) });
    }
    return { findings };
  },
};
