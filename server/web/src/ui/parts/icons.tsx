// Small drawings; each is decoration beside words.

import type { JSX } from "preact";

const PATHS = {
  bell: "M12 3.5a5.5 5.5 0 0 0-5.5 5.5c0 5-2 6.5-2 6.5h15s-2-1.5-2-6.5A5.5 5.5 0 0 0 12 3.5ZM10 19a2.1 2.1 0 0 0 4 0",
  motion: "M13.5 5.5a1.6 1.6 0 1 0 0-.1M9 21l2.5-6-2.5-3 1.5-5 3 1.5 2.5 2.5M11.5 15l3 2 1 4M6 11l2-3 2.5-1",
  check: "M5 12.5l4.5 4.5L19 7.5",
  warn: "M12 4l9 16H3L12 4Zm0 6v4.5m0 2.5v.1",
  lock: "M6.5 11h11v9h-11zM9 11V8a3 3 0 0 1 6 0v3",
  close: "M6 6l12 12M18 6L6 18",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9.2a2.8 2.8 0 1 0 .1 0",
  film: "M4 6h16v12H4zM10 9.5v5l4.5-2.5z",
  live: "M4 7h10v10H4zM14 10.5l6-3.5v10l-6-3.5",
  door: "M5 20.5h14M7.5 20.5V9a4.5 4.5 0 0 1 9 0v11.5M13.8 14v.1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
