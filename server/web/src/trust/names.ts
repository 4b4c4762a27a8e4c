// Names that people choose: of pinned letters, one for each reader, and never a word by which a sentence means somebody else.
//
// Two names clash if they could be taken for one another: as they stand, in small or in capital letters, spaces and signs left out.
// Every verifier folds the same rule, so it is made of the pinned table alone, never of what a platform knows of Unicode.
//
// Source: docs/FORMAT.md, "Names"; scripts/build_letters.py for the table.

import * as table from "./letters.ts";

export const MAX_LABEL_LETTERS = 40;
const SIGNS = " '’-&+.";
const DIGITS = "0123456789";
/** By these the page and the command speak of somebody else. */
const RESERVED = [
  "You",
  "The card",
  "Card",
  "The paper card",
  "Paper card",
  "The old card",
  "The new card",
  "The door",
  "Doorward",
  "This one",
  "Nobody",
  "Someone who is no longer here",
  "Somebody unknown",
];

const twos = (text: string): readonly (readonly [string, string])[] =>
  Array.from({ length: text.length / 2 }, (_, i) => [text.charAt(2 * i), text.charAt(2 * i + 1)] as const);
const EAST = twos(table.EAST);
const SMALL = new Map(twos(table.PAIRS));
const CAPITAL = new Map(twos(table.PAIRS).map(([capital, small]) => [small, capital] as const));
const LOOKS = new Map(
  table.LOOKS.split(" ").flatMap((entry) => {
    const [look = "", alike = ""] = entry.split(":");
    return Array.from(alike, (letter) => [letter, look] as const);
  }),
);

/** What is wrong with a name that a person chose, where `others` are taken, as a sentence; null if nothing. */
export function nameFault(name: string, others: readonly string[] = []): string | null {
  // Code points, as the device counts them.
  const letters = Array.from(name);
  if (letters.length === 0) return "Please give a name.";
  if (letters.length > MAX_LABEL_LETTERS)
    return `A name has at most ${MAX_LABEL_LETTERS} letters; this has ${letters.length}.`;
  if (name.startsWith(" ") || name.endsWith(" ") || name.includes("  "))
    return "A name has no space around it, and no two together.";
  const kinds = letters.map(kind);
  if (kinds.includes(null)) return `A name has only letters, digits, spaces and ${SIGNS.trim()}, and no emoji.`;
  if (kinds.every((one) => one === "digit" || one === "sign")) return "A name has a letter.";
  if (name.split(/[ &+.-]+/).some(isMixed))
    return "No word of a name can have letters of two scripts, because they look alike.";
  if (RESERVED.some((word) => isLike(name, word)))
    return "A sentence would mean somebody else by this name. Please choose another.";
  if (others.some((other) => isLike(name, other)))
    return "Somebody is called so, or almost so, already. Please choose another name.";
  return null;
}

/** Whether a name could be taken for another. */
export function isLike(name: string, other: string): boolean {
  const known = looks(other);
  return looks(name).some((look) => known.includes(look));
}

function looks(name: string): readonly string[] {
  const letters = Array.from(name);
  const forms = [
    letters,
    letters.map((letter) => SMALL.get(letter) ?? letter),
    letters.map((letter) => CAPITAL.get(letter) ?? letter),
  ];
  return forms.map((form) =>
    form
      .filter((letter) => !SIGNS.includes(letter))
      .map((letter) => LOOKS.get(letter) ?? letter)
      .join(""),
  );
}

type Kind = "sign" | "digit" | "latin" | "greek" | "cyrillic" | "east";

function kind(letter: string): Kind | null {
  if (SIGNS.includes(letter)) return "sign";
  if (DIGITS.includes(letter)) return "digit";
  if (table.LATIN.includes(letter)) return "latin";
  if (table.GREEK.includes(letter)) return "greek";
  if (table.CYRILLIC.includes(letter)) return "cyrillic";
  return letter.length === 1 && EAST.some(([first, last]) => first <= letter && letter <= last) ? "east" : null;
}

function isMixed(word: string): boolean {
  const scripts = new Set(Array.from(word, kind).filter((one) => one !== "sign" && one !== "digit"));
  return scripts.size > 1 && !(scripts.size === 2 && scripts.has("latin") && scripts.has("east"));
}
