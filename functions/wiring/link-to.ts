/** Makes the address of a target's page, or of the overview, from the deployment's. */
export function linkTo(publicUrl: string | undefined): (targetId?: string) => string | undefined {
  const root = publicUrl?.replace(/\/$/, "");
  return (targetId) => root && (targetId === undefined ? `${root}/` : `${root}/targets/${targetId}`);
}
