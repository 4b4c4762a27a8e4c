// The ledger: one append-only hash chain, verified line by line in the order in which it was written.
//
// A `Chain` is what one has to remember of all lines so far: enough to judge the next one, and the witness against whoever holds
// the device's key and would rewrite its past. It is plain data, so that IndexedDB keeps it as it is.
//
// Source: docs/FORMAT.md, "Ledger".

import { type Bytes, equal, sha256 } from "../format/bytes.ts";
import { FormatError, parse } from "../format/json.ts";
import { type Head, type Line, MAX_LINE_BYTES, ORIGIN, line as lineForm } from "../format/lines.ts";
import { changed } from "./changes.ts";
import { RecordBroken, TrustError } from "./errors.ts";
import { checkKey } from "./keys.ts";
import { type Happening, happeningOf } from "./happening.ts";
import { type Roster, bornRoster, recipients } from "./roster.ts";

export interface Chain {
  readonly head: Head;
  readonly roster: Roster;
  /** SHA-256 of each epoch file; the first belongs to epoch 1. */
  readonly epochs: readonly Bytes[];
  /** Line that announced each epoch. */
  readonly epochSeqs: readonly number[];
  /** Recipients of the newest epoch, in order. */
  readonly sealedTo: readonly string[];
}

export interface Extended {
  readonly chain: Chain;
  readonly line: Line;
  /** What the line changed in the household, if it did. */
  readonly happening?: Happening;
}

/** The chain of a newborn door, from the bytes of line 0. Throws RecordBroken. */
export function begin(raw: Bytes): Chain {
  const line = read(raw, 0, ORIGIN);
  if (line.public?.type !== "born" || line.private !== null)
    throw new RecordBroken(0, "must be the one in which the door is born, and nothing else");
  try {
    checkKey(line.public.device);
    checkKey(line.public.admit);
    return {
      head: { seq: 0, hash: sha256(raw) },
      roster: bornRoster(line.public),
      epochs: [],
      epochSeqs: [],
      sealedTo: [],
    };
  } catch (error) {
    if (error instanceof TrustError) throw new RecordBroken(0, error.message, { cause: error });
    throw error;
  }
}

/** The chain after one more line (bytes without newline). Throws RecordBroken. */
export async function extend(chain: Chain, raw: Bytes): Promise<Extended> {
  const seq = chain.head.seq + 1;
  const line = read(raw, seq, chain.head.hash);
  const next = { ...chain, head: { seq, hash: sha256(raw) } };
  if (line.public === null) {
    if (line.private === null) throw new RecordBroken(seq, "says nothing");
    return { chain: next, line };
  }
  if (line.public.type === "born") throw new RecordBroken(seq, "claims that the door was born again");
  if (line.public.type === "epoch") {
    if (line.public.epoch !== chain.epochs.length + 1) throw new RecordBroken(seq, "skips or repeats a key");
    const epochs = [...chain.epochs, line.public.sha256];
    return {
      chain: { ...next, epochs, epochSeqs: [...chain.epochSeqs, seq], sealedTo: recipients(chain.roster) },
      line,
    };
  }
  try {
    const roster = await changed(chain.roster, { seq, epoch: chain.epochs.length + 1 }, line.public);
    return { chain: { ...next, roster }, line, happening: happeningOf(chain.roster, roster, line.public) };
  } catch (error) {
    if (error instanceof TrustError) throw new RecordBroken(seq, error.message, { cause: error });
    throw error;
  }
}

/** Check that a signed head is this chain's last line. Throws RecordBroken. */
export function checkHead(chain: Chain, head: Head): void {
  if (head.seq < chain.head.seq) throw new RecordBroken(head.seq + 1, "and what followed it are gone");
  if (head.seq > chain.head.seq)
    throw new RecordBroken(chain.head.seq + 1, "is promised by the door, but it was not shown");
  if (!equal(head.hash, chain.head.hash)) throw new RecordBroken(head.seq, "is not the one that was there before");
}

function read(raw: Bytes, seq: number, prev: Bytes): Line {
  if (raw.length > MAX_LINE_BYTES) throw new RecordBroken(seq, "is longer than any entry may be");
  let line: Line;
  try {
    line = parse(raw, lineForm, `line ${seq}`);
  } catch (error) {
    if (error instanceof FormatError) throw new RecordBroken(seq, "cannot be read", { cause: error });
    throw error;
  }
  if (line.seq !== seq) throw new RecordBroken(seq, "is missing, was added or was moved");
  if (!equal(line.prev, prev))
    throw new RecordBroken(seq, "does not continue the one before it, which was changed or replaced");
  return line;
}
