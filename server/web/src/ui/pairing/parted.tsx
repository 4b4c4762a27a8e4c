// The one thing that is left to say to a device that was removed.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

import type { Farewell } from "../../trust/farewell.ts";
import { dayAndClock } from "../parts/times.ts";

interface Props {
  readonly door: string;
  readonly farewell: Farewell;
}

export function Parted({ door, farewell }: Props): JSX.Element {
  useEffect(() => {
    document.title = door;
  }, [door]);
  return (
    <main class="panel">
      <h1>
        <bdi>{door}</bdi>
      </h1>
      <div role="alert">
        <h2>This device was removed from the household</h2>
        <p>{byWhom(farewell)}</p>
      </div>
      <p>It opens nothing of this door any more. To come back, it needs an invitation or the card’s link.</p>
    </main>
  );
}

function byWhom({ by, label, atUtc }: Farewell): JSX.Element {
  const when = atUtc === null ? "" : `, on ${dayAndClock(atUtc)}`;
  if (by === "self") return <>You removed it yourself{when}.</>;
  if (by === "card") return <>It was removed with the card{when}.</>;
  if (label === null) return <>Somebody of the household removed it{when}.</>;
  return (
    <>
      “<bdi>{label}</bdi>” removed it{when}.
    </>
  );
}
