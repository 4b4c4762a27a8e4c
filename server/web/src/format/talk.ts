// A talk: what one moment of a voice is on its way to the door. Numbers alone: an audio thread knows no texts.
//
// Source: docs/FORMAT.md, "Talk".

export const RATE_HZ = 16_000;
export const MOMENT_MS = 40;
export const MOMENT_SAMPLES = (RATE_HZ * MOMENT_MS) / 1000;
/** A talk is at most so long. */
export const TALK_MS = 60_000;
