// "Check everything": the same work as `doorward verify`, done from here.
//
//     the record, from its first line on, must pass through the head that this browser remembers
//     every clip that the record tells of, and every one that the door lists, is judged by the record (verdict.ts)
//     every film that the door hands out is read to its end
//
// Each day and each film that is asked for is a line in the record, as always.
//
// Source: docs/FORMAT.md, "A clip is genuine if".

import { inspect } from "../play/inspect.ts";
import { streamed } from "../play/streamed.ts";
import type { ClipFacts } from "../trust/facts.ts";
import { type Clip, isSealed } from "../clips/clips.ts";
import type { Household } from "./household.ts";
import { Refused } from "./session.ts";
import type { Sight } from "./sight.ts";
import { ABSENT } from "../clips/spoken.ts";
import { type Film, type Judgement, NO_FILM, judge } from "../clips/verdict.ts";

export interface Finding extends Judgement {
  readonly clip: number;
}

/** The finding of one clip. `clip` is what the door lists of it; null if it lists nothing. */
export function judgeClip(number: number, clip: Clip | null, film: Film, sight: Sight): Finding {
  const facts = sight.facts.clips.get(number);
  const judgement = judge({
    facts,
    event: clip?.event ?? ABSENT,
    begun: clip?.begun ?? ABSENT,
    film,
    mayRun: number === sight.facts.newest && facts?.isPast === false,
    seesEnd: sight.seesFrom(facts?.epochs[0] ?? Infinity),
    belongsAt: sight.belongsAt,
    isAfresh: clip?.kind === "beginning" && number > sight.facts.newest,
  });
  return { clip: number, ...judgement };
}

/** Whether a clip's film has to be read: the record tells of its end, and that there is one. */
export const hasFilm = (facts: ClipFacts | undefined): boolean =>
  isSealed(facts) && facts?.sealed?.state !== "unrecorded";

export interface Step {
  readonly finding: Finding | null;
  /** Which of the two is read: the record's lines, then the recordings. */
  readonly reads: "record" | "recordings";
  readonly done: number;
  readonly of: number;
}

/** Checks the record, then clip by clip, until `stopped`; tells each step. Throws RecordBroken, Refused, TrustError, Unreachable. */
export async function checkEverything(
  household: Household,
  stopped: AbortSignal,
  tell: (step: Step) => void,
): Promise<void> {
  const isStopped = (): boolean => stopped.aborted;
  const lines = household.view.verified.chain.head.seq + 1;
  tell({ finding: null, reads: "record", done: 0, of: lines });
  await household.reread((seq) => {
    tell({ finding: null, reads: "record", done: Math.min(seq + 1, lines), of: lines });
  }, stopped);
  if (isStopped()) return;
  const { clips, verified } = household.view;
  const numbers = [...new Set([...clips.keys(), ...verified.facts.clips.keys()])].sort((a, b) => a - b);
  const of = numbers.length;
  tell({ finding: null, reads: "recordings", done: 0, of });
  for (const [done, number] of numbers.entries()) {
    const finding = await check(household, number, stopped).catch((error: unknown) => {
      // What was given up half way says nothing of this recording, nor of the door.
      if (isStopped()) return null;
      throw error;
    });
    if (isStopped()) return;
    tell({ finding, reads: "recordings", done: done + 1, of });
  }
}

/** A finding; the newest recording has its last line before it lies where it is listed, so it is looked for twice. */
async function check(household: Household, number: number, stopped: AbortSignal): Promise<Finding | null> {
  const finding = await checkOnce(household, number, stopped);
  const mayBeOnItsWay = number >= household.view.verified.facts.newest - 1;
  if (finding?.verdict !== "missing" || !mayBeOnItsWay) return finding;
  await household.lookAgain(stopped);
  return checkOnce(household, number, stopped);
}

async function checkOnce(household: Household, number: number, stopped: AbortSignal): Promise<Finding | null> {
  const { clips, verified } = household.view;
  const film = hasFilm(verified.facts.clips.get(number))
    ? await readFilm(household, number, stopped)
    : { ...NO_FILM, kind: clips.has(number) ? ("unseen" as const) : ("absent" as const) };
  // What gave way meanwhile has its line before it goes.
  if (film.kind === "absent") await household.catchUp();
  const now = household.view;
  if (now.verified.facts.gone.has(number)) return null;
  return judgeClip(number, now.clips.get(number) ?? null, film, household.viewer.sight);
}

async function readFilm(household: Household, number: number, stopped: AbortSignal): Promise<Film> {
  try {
    const { response } = await household.fetchClip(number, stopped);
    return await inspect(
      streamed(response),
      household.view.verified.facts.clips.get(number),
      household.viewer.onlooker(number),
    );
  } catch (error) {
    if (error instanceof Refused && error.signed && error.code === "no_such_clip") return NO_FILM;
    if (error instanceof Refused && error.signed && error.code === "not_ready")
      return { ...NO_FILM, kind: "damaged", reason: "is not handed out yet" };
    throw error;
  }
}
