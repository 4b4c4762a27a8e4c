// A line at the head of the page for as long as this device would stay silent although its owner wanted it to ring.

import type { JSX } from "preact";

import { chime } from "./chime.ts";
import { useChime } from "./here.tsx";

export function Silent(): JSX.Element | null {
  if (useChime() !== "asleep") return null;
  return (
    <p class="unfinished" role="note">
      This device stays silent until you touch the page.{" "}
      <button type="button" class="text-button" onClick={() => void chime.enable()}>
        Ring on this device
      </button>
    </p>
  );
}
