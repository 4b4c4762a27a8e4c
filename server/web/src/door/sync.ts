// Catching up: the lines and epoch keys that came since, verified as one step. Nothing is believed until the chain ends in the head
// that the device signed.
//
// Source: docs/FORMAT.md, "Ledger" and "Epoch".

import { type Bytes, equal, sha256 } from "../format/bytes.ts";
import { FormatError } from "../format/json.ts";
import { type Head, type Line, type PrivateBody, parsePrivate, privateMetadata } from "../format/lines.ts";
import type { Verified } from "../keys/store.ts";
import type { Epochs } from "../sealing/epochs.ts";
import { SealBroken } from "../sealing/errors.ts";
import { headerEnd, stanzaCount } from "../sealing/header.ts";
import { frameHeader } from "../sealing/sframe.ts";
import { RecordBroken } from "../trust/errors.ts";
import { type Facts, copyFacts, learn, learnChange, noFacts } from "../trust/facts.ts";
import { type Chain, type Extended, begin, checkHead, extend } from "../trust/ledger.ts";
import { keysAt, readerOf, recipients } from "../trust/roster.ts";
import type { Session } from "./session.ts";

export interface Step {
  readonly verified: Verified;
  /** Epoch files that came with it. */
  readonly files: ReadonlyMap<number, Bytes>;
}

/** What is verified once everything new was taken in. Throws RecordBroken, and what `Session.ask` throws. */
export async function catchUp(session: Session, reader: Bytes, known: Verified, epochs: Epochs): Promise<Step> {
  const { chain, entries } = await newLines(session, known.chain);
  // Keys from before this reader joined are sealed to others.
  const first = Math.max(known.chain.epochs.length + 1, readerOf(chain.roster, reader)?.epoch ?? 1);
  const files = await newEpochs(session, first, chain, epochs);
  const facts = copyFacts(known.facts);
  for (const entry of entries) await learnEntry(facts, entry, epochs);
  return { verified: { chain, facts }, files };
}

/**
 * What is verified once the whole record was read again from line 0, with keys that somebody gave meanwhile.
 *
 * It has to pass through the head that is known, so that whoever rewrote the past is found out.
 */
export async function readAgain(
  session: Session,
  born: Bytes,
  known: Verified,
  epochs: Epochs,
  read: (seq: number) => void = () => undefined,
): Promise<Verified> {
  const { chain, entries } = await newLines(session, begin(born), known.chain.head, ({ head }) => {
    read(head.seq);
    if (head.seq === known.chain.head.seq) checkHead(known.chain, head);
  });
  if (chain.head.seq < known.chain.head.seq)
    throw new RecordBroken(chain.head.seq + 1, "and what followed it are gone");
  const facts = noFacts();
  for (const entry of entries) await learnEntry(facts, entry, epochs);
  return { chain, facts };
}

async function newLines(
  session: Session,
  known: Chain,
  named: Head = known.head,
  seen: (chain: Chain) => void = () => undefined,
): Promise<{ chain: Chain; entries: readonly Extended[] }> {
  const entries: Extended[] = [];
  // The device knows only what this browser has already taken in as verified, so every command of this step names that head.
  const head = (): Head => named;
  let chain = known;
  for (;;) {
    const from = chain.head.seq + 1;
    const { body, head: promised } = await session.ask({ type: "ledger", from }, head);
    if (body.from !== from || (body.more && body.lines.length === 0))
      throw new RecordBroken(from, "was asked for, and another was shown");
    for (const raw of body.lines) {
      const extended = await extend(chain, raw);
      chain = extended.chain;
      seen(chain);
      entries.push(extended);
    }
    if (!body.more) {
      checkHead(chain, promised);
      return { chain, entries };
    }
  }
}

async function newEpochs(session: Session, first: number, chain: Chain, epochs: Epochs): Promise<Map<number, Bytes>> {
  const files = new Map<number, Bytes>();
  for (let from = first; from <= chain.epochs.length;) {
    const { body } = await session.ask({ type: "epochs", from }, () => chain.head);
    for (const { epoch, file } of body.epochs) {
      from = epoch + 1;
      const promised = chain.epochs[epoch - 1];
      // Younger than the lines at hand: the next step asks again. Or lost on the device's card: what it sealed stays locked.
      if (promised === undefined || file.length === 0) continue;
      if (!equal(sha256(file), promised))
        throw new RecordBroken(chain.head.seq, `names another key for period ${epoch}`);
      files.set(epoch, file);
      epochs.add(epoch, file);
      await checkPlace(chain, epoch, file, epochs);
    }
    if (!body.more) break;
  }
  return files;
}

/** A key of the household's, from this reader's time: it is sealed to as many as belonged, and to this reader. */
async function checkPlace(chain: Chain, epoch: number, file: Bytes, epochs: Epochs): Promise<void> {
  const seq = chain.epochSeqs[epoch - 1] ?? 0;
  const header = file.subarray(0, headerEnd(file) ?? 0);
  if (stanzaCount(header) !== keysAt(chain.roster, seq).count)
    throw new RecordBroken(seq, "announces a key that is sealed to more or fewer than the household had");
  try {
    if ((await epochs.key(epoch)) !== null) return;
  } catch (error) {
    if (error instanceof SealBroken || error instanceof FormatError)
      throw new RecordBroken(seq, "announces a key that does not open", { cause: error });
    throw error;
  }
  throw new RecordBroken(seq, "announces a key that is not sealed to this reader, who belongs to the household");
}

/** A line is sealed to who belongs at it, or it would be silent for them; beside a change, to those of before. */
function checkEpochOf({ chain, line }: Extended): void {
  if (line.private === null) return;
  const isPast = line.public === null && chain.sealedTo.join() !== recipients(chain.roster).join();
  let epoch: bigint;
  try {
    epoch = frameHeader(line.private).kid;
  } catch (error) {
    if (error instanceof SealBroken)
      throw new RecordBroken(line.seq, "is sealed in a form nobody knows", { cause: error });
    throw error;
  }
  if (isPast || epoch !== BigInt(chain.epochs.length))
    throw new RecordBroken(line.seq, "is sealed under a key that is not the household’s at that time");
}

/** Take one line into the facts, as far as this reader can open it. Throws RecordBroken. */
export async function learnEntry(facts: Facts, extended: Extended, epochs: Epochs): Promise<void> {
  const { chain, line, happening } = extended;
  checkEpochOf(extended);
  const body = await privately(line, epochs);
  if (happening !== undefined) learnChange(facts, line.seq, happening, body);
  else if (body !== null && line.private !== null) {
    const rosterSeq = chain.roster.keys.at(-1)?.seq ?? 0;
    learn(facts, { seq: line.seq, epoch: Number(frameHeader(line.private).kid), rosterSeq }, body);
  }
}

async function privately(line: Line, epochs: Epochs): Promise<PrivateBody | null> {
  if (line.private === null) return null;
  try {
    const plaintext = await epochs.open(line.private, privateMetadata(line));
    return plaintext === null ? null : parsePrivate(plaintext, `line ${line.seq}`);
  } catch (error) {
    if (error instanceof SealBroken || error instanceof FormatError)
      throw new RecordBroken(line.seq, "is sealed in a way that it cannot be opened", { cause: error });
    throw error;
  }
}
