// Events of one kind, by one person, about one thing: the newest whole, the others counted.
//
// So what is said a thousand times takes no more room than what is said three times, and never the place of something else.

/** How many of a series are kept whole. */
export const KEPT = 3;

export interface Series<T> {
  /** Newest last. */
  readonly newest: readonly T[];
  /** How many there were, the newest too. */
  readonly times: number;
}

/** The series with one more event. */
export const added = <T>(series: Series<T> | undefined, event: T): Series<T> => ({
  newest: [...(series?.newest ?? []), event].slice(-KEPT),
  times: (series?.times ?? 0) + 1,
});
