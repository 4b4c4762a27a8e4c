// Who can see: the readers of the household, how others join, the card, and who looked lately.

import type { JSX } from "preact";

import type { Household } from "../../door/household.ts";
import type { View } from "../../door/view.ts";
import { CardSection } from "./card.tsx";
import { Checkup } from "../recordings/checkup.tsx";
import { Given } from "./given.tsx";
import { Inviting } from "./joining.tsx";
import { Looks } from "../record/looks.tsx";
import { Readers } from "./readers.tsx";
import { Secure } from "../door/secure.tsx";
import { Voices } from "./voices.tsx";

interface Props {
  readonly household: Household;
  readonly view: View;
}

export function People({ household, view }: Props): JSX.Element {
  return (
    <>
      <Readers household={household} view={view} />
      <Voices household={household} view={view} />
      <Inviting household={household} view={view} />
      <CardSection household={household} view={view} />
      <Given household={household} />
      <Secure household={household} view={view} />
      <Checkup household={household} />
      <Looks view={view} />
    </>
  );
}
