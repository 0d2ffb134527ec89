import type { Situation } from "../../shared/alert/decide-messages.ts";
import { createIncidentLinks, LINK_LASTS_S } from "../../shared/alert/incident-link.ts";
import type { Clock } from "../../shared/time/clock.ts";

/** Makes addresses at which an incident may be acknowledged. @param apiUrl where people reach the API @param fieldKey signs them */
export function acknowledgeAt(apiUrl: string | undefined, fieldKey: string, clock: Clock): Situation["acknowledgeAt"] {
  const root = apiUrl?.replace(/\/$/, "");
  const links = createIncidentLinks(fieldKey);
  return ({ id, state }) =>
    root && `${root}/acknowledge/${links.make({ target: id, since: state.since }, Math.floor(clock.now() / 1_000) + LINK_LASTS_S)}`;
}

/** Makes the address of a target's page, or of the overview, from the deployment's. */
export function linkTo(publicUrl: string | undefined): (targetId?: string) => string | undefined {
  const root = publicUrl?.replace(/\/$/, "");
  return (targetId) => root && (targetId === undefined ? `${root}/` : `${root}/targets/${targetId}`);
}
