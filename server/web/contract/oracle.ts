// The page's side of the contract tests: one JSON object a line in, one JSON object a line out. Bytes are base64.
//
//     {"do":"open_age","file":b,"identity":s,"feed":"whole"|"bytes"}        → {"plaintext":b,"ending":s,"header_sha256":b,…}
//     anything that the page refuses                                        → {"refused":"SealBroken","sentence":s}
//
// `open_age`, ledger, replies, cards and keys are the page's own modules; `typage_open` and `typage_seal` are typage alone, as an
// independent oracle. Readers live as long as the process, since nobody can carry their keys out of it.

import { createInterface } from "node:readline";

import {
  Decrypter,
  Encrypter,
  type Identity,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";

import { hasFilm, judgeClip } from "../src/door/checkup.ts";
import { type Clip, isSealed, readClip } from "../src/door/clips.ts";
import { admissionOf, recognise } from "../src/door/pairing.ts";
import { type Session, readReply } from "../src/door/session.ts";
import { sightOf } from "../src/door/sight.ts";
import { catchUp, learnEntry } from "../src/door/sync.ts";
import { NO_FILM } from "../src/door/verdict.ts";
import { type Bytes, concat, sha256, utf8 } from "../src/format/bytes.ts";
import { parseCode, seedOf } from "../src/format/card.ts";
import {
  type Encodable,
  FormatError,
  blob,
  count,
  encode,
  list,
  nullable,
  object,
  oneOf,
  parse,
  string,
} from "../src/format/json.ts";
import { type Head, head, parsePrivate, privateMetadata } from "../src/format/lines.ts";
import { notice, reply } from "../src/format/messages.ts";
import { statement } from "../src/format/statement.ts";
import { type Keys, identityOf, makeKeys, signerOf } from "../src/keys/reader.ts";
import { Epochs } from "../src/sealing/epochs.ts";
import { isFit } from "../src/sealing/fitness.ts";
import { frameHeader, frameKey, openFrame } from "../src/sealing/sframe.ts";
import { Opener } from "../src/sealing/stream.ts";
import { inspect } from "../src/play/inspect.ts";
import { noFacts } from "../src/trust/facts.ts";
import { RecordBroken } from "../src/trust/errors.ts";
import { type Chain, begin, checkHead, extend } from "../src/trust/ledger.ts";
import { nameFault } from "../src/trust/names.ts";
import { looksOf } from "../src/trust/looks.ts";
import { type Row, latelyOf, newsOf } from "../src/trust/noted.ts";
import { type SealedTo, keysAt, readerOf } from "../src/trust/roster.ts";
import { often, toldNoted } from "../src/ui/words.ts";
import { sign, verify } from "../src/trust/signed.ts";
import { ed25519 } from "@noble/curves/ed25519.js";

const signedHead = object({ door: blob(32), seq: count(), hash: blob(32) });
const epochFiles = list(object({ epoch: count(1), file: blob() }));
const readers = new Map<string, Keys>();

const chains = new Map<string, Chain>();
const FORMS: Readonly<Record<string, (raw: Bytes) => unknown>> = {
  statement: (raw) => parse(raw, statement),
  private: (raw) => parsePrivate(raw, "body"),
  reply: (raw) => parse(raw, reply),
  notice: (raw) => parse(raw, notice),
  head: (raw) => parse(raw, signedHead),
};

async function follows(chain: Chain, raw: Bytes): Promise<boolean> {
  try {
    await extend(chain, raw);
    return true;
  } catch (error) {
    if (error instanceof RecordBroken) return false;
    throw error;
  }
}

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

type Request = Readonly<Record<string, unknown>>;

const text = (request: Request, name: string): string => string()(request[name], name);
const data = (request: Request, name: string): Bytes => blob()(request[name], name);
const keysOf = (request: Request): Keys => {
  const keys = readers.get(text(request, "reader"));
  if (!keys) throw new Error("no such reader: ask for new_reader first");
  return keys;
};
/** An age identity as text, or a reader's by its name. */
const identityIn = (request: Request): Identity | string =>
  "reader" in request ? identityOf(keysOf(request)) : text(request, "identity");

const ACTIONS: Readonly<Record<string, (request: Request) => Promise<Encodable> | Encodable>> = {
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

  /** Lines from 0, a signed head or null, and epoch files to open private bodies with. */
  async verify_ledger(request) {
    const lines = list(blob())(request["lines"], "lines");
    const epochs = new Epochs(identityIn(request));
    for (const { epoch, file } of epochFiles(request["epochs"], "epochs")) epochs.add(epoch, file);
    let chain = begin(lines[0] ?? new Uint8Array(0));
    const bodies: Encodable[] = [null];
    for (const raw of lines.slice(1)) {
      const { chain: next, line } = await extend(chain, raw);
      chain = next;
      const opened = line.private === null ? null : await epochs.open(line.private, privateMetadata(line));
      bodies.push(opened === null ? null : parsePrivate(opened, `line ${line.seq}`));
    }
    const promised = nullable(blob())(request["head"], "head");
    if (promised !== null) checkHead(chain, await verify(chain.roster.device, "head", promised, signedHead));
    const { label, door, readers: members, admit, open, invites, applications, proposal } = chain.roster;
    return {
      head: { ...chain.head },
      door,
      label,
      readers: members.map((reader) => ({ ...reader })),
      admit,
      open,
      invites: invites.map(({ key }) => key),
      applications: applications.map(({ subject }) => subject),
      proposal: proposal?.subject ?? null,
      keys: keysAt(chain.roster, chain.head.seq).count,
      left_out: keysAt(chain.roster, chain.head.seq).leftOut,
      epochs: chain.epochs,
      private: bodies,
    };
  },

  /** What a reader who joined in line `since` hears of these lines, in sentences: its news, and what happened lately. */
  async news(request) {
    const lines = list(blob())(request["lines"], "lines");
    const epochs = new Epochs(identityIn(request));
    for (const { epoch, file } of epochFiles(request["epochs"], "epochs")) epochs.add(epoch, file);
    let chain = begin(lines[0] ?? new Uint8Array(0));
    const facts = noFacts();
    for (const raw of lines.slice(1)) {
      const extended = await extend(chain, raw);
      chain = extended.chain;
      await learnEntry(facts, extended, epochs);
    }
    const [me, since] = [data(request, "me"), count()(request["since"], "since")];
    const { roster } = chain;
    const words = ({ noted, times }: Row): string => toldNoted(noted, roster, me) + often(times);
    return {
      news: newsOf(facts.changes, roster, me, since).rows.map(words),
      lately: latelyOf(facts.changes, roster).rows.map(words),
      looks: looksOf(facts.looks).map(({ look: { kind, reader }, times }) => ({ kind, reader, times })),
    };
  },

  /** Begin a chain that is kept under a name, from line 0. */
  begin(request) {
    chains.set(text(request, "chain"), begin(data(request, "born")));
    return {};
  },

  /** Whether each of these could be the next line of a kept chain; which stays as it was, but for `adopt`, one of them. */
  async could_follow(request) {
    const name = text(request, "chain");
    const chain = chains.get(name);
    if (!chain) throw new Error("no such chain: begin it first");
    const taken: boolean[] = [];
    for (const raw of list(blob())(request["lines"], "lines")) taken.push(await follows(chain, raw));
    if (request["adopt"] !== null) chains.set(name, (await extend(chain, data(request, "adopt"))).chain);
    const { readers, invites, applications, proposal, admit, open } = (chains.get(name) ?? chain).roster;
    return {
      taken,
      readers: readers.map((reader) => ({ ...reader })),
      invites: invites.map(({ key }) => key),
      applications: applications.map(({ subject }) => subject),
      proposal: proposal?.subject ?? null,
      admit,
      open,
    };
  },

  /** Whether each of these texts is the one text of a value of a form. */
  could_be(request) {
    const form = FORMS[text(request, "form")];
    if (!form) throw new Error(`unknown form; there are ${Object.keys(FORMS).join(", ")}`);
    const taken = list(blob())(request["texts"], "texts").map((raw) => {
      try {
        form(raw);
        return true;
      } catch (error) {
        if (error instanceof FormatError) return false;
        throw error;
      }
    });
    return { taken };
  },

  /** What a page says of each name beside another; null if nothing. */
  name_faults: (request) => ({
    faults: list(list(string()))(request["names"], "names").map(([name = "", ...others]) => nameFault(name, others)),
  }),

  /** One clip's event files, as the list shows them to a reader who joined in line `joined`. */
  async read_clip(request) {
    const epochs = new Epochs(identityIn(request));
    for (const { epoch, file } of epochFiles(request["epochs"], "epochs")) epochs.add(epoch, file);
    const sealed = {
      clip: count()(request["clip"], "clip"),
      event: file(request["event"], "event"),
      begun: file(request["begun"], "begun"),
    };
    const clip = await readClip(text(request, "day"), sealed, {
      epochs,
      roster: begin(data(request, "born")).roster,
      firstEpoch: 1,
      lastEpoch: epochFiles(request["epochs"], "epochs").at(-1)?.epoch ?? 0,
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
    const files = epochFiles(request["epochs"], "epochs");
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
