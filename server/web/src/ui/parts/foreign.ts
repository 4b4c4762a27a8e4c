// Words that others wrote, within sentences of ours: letters only, in quotation marks that they cannot close, and in their own
// direction, so that none of them reads as ours.

const MOST = 200;
const NO_LETTER = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** What somebody without a signature said, quoted. */
export function quoted(text: string): string {
  const letters = text
    .slice(0, MOST)
    .replace(NO_LETTER, "\uFFFD")
    .replace(/["\u201C-\u201F]/g, "'");
  const more = text.length > MOST ? "…" : "";
  return `“\u2068${letters}\u2069${more}”`;
}

/** One sentence for a refusal: the door's own word, or what merely the server says. */
export const refusedInWords = (sentence: string, signed: boolean): string =>
  signed ? `The door did not accept this: ${sentence}.` : `The server, not your door, says: ${quoted(sentence)}`;
