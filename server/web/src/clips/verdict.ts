// What is to be said of a recording: from the record, and from what this reader ought to be able to open; what the door hands out is
// only held to that.
//
//     the record tells of                    and then
//     its end                                the film is here, whole, and its event too: else missing or destroyed
//     its beginning alone                    recording, if it is the newest of a run that has not ended; else doubtful
//     neither, and this reader ought to see  doubtful: it may be forged
//     neither, and it need not               locked
//
// `locked` takes a time at which this reader did not belong: that a film will not open is never enough.
//
// `doorward verify` judges by the same table (provisioning/house/verdict.py); the contract tests hold the two to each other. Pure.
//
// Source: docs/FORMAT.md, "A clip is genuine if".

import { type Bytes, EMPTY, equal } from "../format/bytes.ts";
import type { Statement } from "../format/statement.ts";
import type { ClipFacts } from "../trust/facts.ts";
import type { Word } from "./spoken.ts";

/** The words of `doorward verify`. */
export type Verdict =
  "genuine" | "interrupted" | "unrecorded" | "recording" | "locked" | "missing" | "destroyed" | "doubtful";

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: string;
}

/** A film as it was handed out and read to its end. */
export interface Film {
  /** `unseen`: a running one is not handed out. `damaged`: not even its header can be read. */
  readonly kind: "absent" | "unseen" | "damaged" | "there";
  /** What is wrong with a damaged one, as the end of a sentence. */
  readonly reason: string;
  readonly headerSha256: Bytes;
  /** Why it is not sealed to the household of its first line; empty if it is, or if that is not known. */
  readonly doubt: string;
  readonly size: number;
  readonly ciphertextSha256: Bytes;
  /** Null unless it opened to its end. */
  readonly plaintextSha256: Bytes | null;
  /** What stopped its opening: it was cut or changed, or no key of this reader is for it; empty if nothing did. */
  readonly trouble: "" | "cut" | "changed" | "locked";
}

export const NO_FILM: Film = {
  kind: "absent",
  reason: "",
  headerSha256: EMPTY,
  doubt: "",
  size: 0,
  ciphertextSha256: EMPTY,
  plaintextSha256: null,
  trouble: "",
};

export interface Evidence {
  readonly facts: ClipFacts | undefined;
  readonly event: Word;
  readonly begun: Word;
  readonly film: Film;
  /** It is the newest of a run that has not ended. */
  readonly mayRun: boolean;
  /** This reader can read every line since its first. */
  readonly seesEnd: boolean;
  /** Whether this reader belonged to the household after that line. */
  readonly belongsAt: (seq: number) => boolean;
  /** It is not finished, and its number is above all that the record tells of. */
  readonly isAfresh: boolean;
}

const judged = (verdict: Verdict, reason = ""): Judgement => ({ verdict, reason });
const LATER = judged("locked", "it was sealed before you joined");
const LEFT = judged("locked", "what became of it was told when you did not belong");

export function judge(evidence: Evidence): Judgement {
  const { facts } = evidence;
  const sealed = facts?.sealed ?? null;
  if (!facts || (sealed === null && facts.begun === null)) return untold(evidence);
  if (isGone(evidence) && !evidence.seesEnd) return LEFT;
  if (sealed === null) return unfinished(evidence, facts);
  return sealed.state === "unrecorded" ? unrecorded(evidence) : finished(evidence, facts, sealed);
}

const isGone = ({ film, event, begun }: Evidence): boolean =>
  film.kind === "absent" && event.kind === "absent" && begun.kind === "absent";

function finished(evidence: Evidence, facts: ClipFacts, sealed: NonNullable<ClipFacts["sealed"]>): Judgement {
  const { film, event } = evidence;
  if (film.kind === "absent") return judged("missing", "its film is missing: it was removed without a line");
  const wrong = filmWrong(evidence, facts);
  if (wrong !== null) return wrong;
  if (film.size !== sealed.ciphertext_bytes)
    return judged(
      "destroyed",
      `its film has ${film.size} bytes, and had ${sealed.ciphertext_bytes} when it was finished`,
    );
  if (event.kind !== "said") return wordless(event, "its event");
  const said = event.statement;
  if (said.state !== sealed.state || !same(said.ciphertext_sha256, sealed.ciphertext_sha256))
    return judged("doubtful", "the record tells of another end of this film");
  const judgement = said.state === "interrupted" ? interrupted(evidence, facts, said) : whole(evidence, facts, said);
  return judgement.verdict === "genuine" || judgement.verdict === "interrupted" || judgement.verdict === "locked"
    ? (filmChanged(film, sealed, said, judgement.verdict) ?? judgement)
    : judgement;
}

function whole(evidence: Evidence, facts: ClipFacts, said: Statement): Judgement {
  if (facts.begun === null) return begunUnseen(evidence, said);
  const doubt = doubtOf(said, facts);
  return doubt === null ? judged("genuine") : judged("doubtful", doubt);
}

/** The end of a recording that a later start found: who rang, and the picture, stand in `begun`, which came before any chunk. */
function interrupted(evidence: Evidence, facts: ClipFacts, said: Statement): Judgement {
  const { begun } = evidence;
  if (begun.kind === "locked" && facts.begun === null) return LATER;
  if (begun.kind !== "said") return wordless(begun, "the word on its beginning");
  if (facts.begun === null) return begunUnseen(evidence, begun.statement);
  const doubt = doubtOf(said, facts) ?? doubtOf(begun.statement, facts);
  if (doubt !== null) return judged("doubtful", doubt);
  if (begun.statement.state !== "recording") return judged("doubtful", "an end stands in the place of its beginning");
  return judged("interrupted", "cut short, as the door says itself");
}

/** The line in which it begins is not known: it must be one that this reader need not see. */
const begunUnseen = ({ belongsAt }: Evidence, said: Statement): Judgement =>
  belongsAt(said.roster_seq) ? judged("doubtful", "the record does not know that it began: it may be forged") : LATER;

function unrecorded({ event }: Evidence): Judgement {
  if (event.kind === "absent") return judged("missing", "the word on it is missing: it was removed without a line");
  if (event.kind !== "said") return wordless(event, "its event");
  return event.statement.state === "unrecorded"
    ? judged("unrecorded")
    : judged("doubtful", "the record says that nothing of it was recorded");
}

function unfinished(evidence: Evidence, facts: ClipFacts): Judgement {
  const { film, event, mayRun } = evidence;
  if (film.kind === "absent")
    return judged("missing", "the record tells that it began, and it is missing: it was removed without a line");
  const wrong = filmWrong(evidence, facts);
  if (wrong !== null) return wrong;
  if (!evidence.seesEnd) return LEFT;
  if (event.kind === "absent") return running(evidence, facts);
  if (event.kind !== "said") return wordless(event, "its event");
  const doubt = doubtOf(event.statement, facts);
  if (doubt !== null || !mayRun || event.statement.state === "recording")
    return judged("doubtful", doubt ?? "the record does not know that it was finished");
  return judged("recording", "its end is not on the record yet");
}

function running({ begun, mayRun }: Evidence, facts: ClipFacts): Judgement {
  if (begun.kind === "absent" && mayRun) return judged("recording", "it was beginning");
  if (begun.kind !== "said") return wordless(begun, "the word on its beginning");
  const doubt = doubtOf(begun.statement, facts);
  if (doubt !== null || begun.statement.state !== "recording")
    return judged("doubtful", doubt ?? "an end stands in the place of its beginning");
  return mayRun
    ? judged("recording", "it is not finished")
    : judged("doubtful", "the record went on, and does not know that it was finished");
}

/** No line that this reader can read tells of it. */
function untold({ event, begun, belongsAt, isAfresh, seesEnd }: Evidence): Judgement {
  const word = event.kind === "absent" ? begun : event;
  switch (word.kind) {
    case "absent":
      return isAfresh
        ? judged("recording", "it was beginning")
        : judged("doubtful", "it has no event, and the record does not know it");
    case "locked":
      return LATER;
    case "damaged":
    case "false":
      return judged("doubtful", `its event ${word.reason}`);
    case "said": {
      const { state, roster_seq } = word.statement;
      const isHidden = (state === "sealed" || state === "recording") && !belongsAt(roster_seq);
      if (isHidden && (state === "recording" || !seesEnd)) return LATER;
      return judged("doubtful", "the record does not know it: it may be forged");
    }
  }
}

/** What speaks against a film before its first picture. */
function filmWrong({ film }: Evidence, facts: ClipFacts): Judgement | null {
  if (film.kind === "damaged") return judged("destroyed", `its film ${film.reason}`);
  if (facts.stale) return judged("doubtful", "it is sealed for a household that was past when it began");
  if (film.kind === "unseen" || facts.begun === null) return null;
  if (!equal(film.headerSha256, facts.begun.header_sha256))
    return judged("destroyed", "another film lies in its place: the record tells of one with another header");
  return film.doubt === "" ? null : judged("doubtful", film.doubt);
}

/** What speaks against a film once all of it was read. */
function filmChanged(
  film: Film,
  sealed: NonNullable<ClipFacts["sealed"]>,
  said: Statement,
  verdict: Verdict,
): Judgement | null {
  if (!same(film.ciphertextSha256, sealed.ciphertext_sha256))
    return judged("destroyed", "its film is not the one that was finished: it was changed or cut");
  if (verdict === "locked") return null;
  if (film.trouble === "locked") return LATER;
  if (film.trouble === "changed" || (film.trouble === "cut" && verdict === "genuine"))
    return judged("destroyed", "its film does not open to its end");
  if (verdict === "genuine" && !same(film.plaintextSha256, said.plaintext_sha256))
    return judged("doubtful", "what it holds is not what the door’s statement tells of");
  return null;
}

/** The door's word ought to be there, and is not. */
function wordless(word: Exclude<Word, { kind: "said" }>, what: string): Judgement {
  if (word.kind === "locked")
    return judged("locked", "the door’s word on it is sealed under a key that you were not given");
  return judged(word.kind === "false" ? "doubtful" : "destroyed", `${what} ${word.reason}`);
}

/** Why a statement is not of the film that the record saw beginning; null if it is. */
const doubtOf = (said: Statement, { begun }: ClipFacts): string | null =>
  begun === null || same(said.header_sha256, begun.header_sha256)
    ? null
    : "the record tells of another film under this number";

const same = (one: Bytes | null, other: Bytes | null): boolean => one !== null && other !== null && equal(one, other);
